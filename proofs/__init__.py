"""What is proven about Stagegate, beside what is tested: policies over all requests, protocols over all orders."""
