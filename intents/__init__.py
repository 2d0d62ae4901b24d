"""What people ask and what the rules say."""
