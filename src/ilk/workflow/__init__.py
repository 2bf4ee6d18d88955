"""The order of the steps, each written once, and what they leave."""
