"""Azure Resource Manager templates, read as Azure reads them."""
