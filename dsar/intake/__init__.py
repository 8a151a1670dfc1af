"""The path from "what do you want?" to the receipt, for anyone, without an account."""
