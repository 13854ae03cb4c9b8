"""What others wrote sends to tknOps; each call is compared with what the provider counted."""
