"""Address sets, service tags and the walk through network rules. Pure: nothing here sees a resource."""
