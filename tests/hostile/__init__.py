"""Whatever anybody sends, the house answers with a refusal, never with a fault."""
