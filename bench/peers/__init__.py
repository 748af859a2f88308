"""Systems of others that need packages of their own: locks, and programs that run beside the product's. What a lock
names is installed when it is first measured."""
