"""What party decides: which documents are acceptable, who may be contacted."""
