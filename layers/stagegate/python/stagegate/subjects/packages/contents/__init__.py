"""What a package mentions beside its data: addresses, images and variables."""
