"""Forms that citizens fill in, day and night, on a page or by telephone, or a guide for them."""
