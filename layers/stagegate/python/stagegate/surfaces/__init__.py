"""Changes of AWS, one surface a module. Each declares the PERMISSIONS that its calls need."""
