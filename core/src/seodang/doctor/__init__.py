"""Looking at the machine: what seodang needs of it, whether it is there, and what to do where it is not."""
