"""What may be quoted: documents, passages and how they are found."""
