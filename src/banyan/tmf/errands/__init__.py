"""What goes on after a create was answered: import and export jobs, and creates under a monitor.

The create posts a fact in its own transaction; the dispatcher brings it here until it is done with,
so no errand is lost with its house, and one that is begun twice makes nothing twice.
"""
