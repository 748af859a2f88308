"""What a company runs on several machines, on this one: each machine is a network namespace with a supervisor of its
own, and a bridge joins them."""
