"""Demo data: two organizations with a month of work, told by two scripts and made through the product's services."""
