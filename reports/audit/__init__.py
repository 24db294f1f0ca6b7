"""Who did what: one stream of what people changed, did to trips and money, and looked at."""
