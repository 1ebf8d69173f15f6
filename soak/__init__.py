"""`make soak`: the product on random histories and under every fault, judged by an oracle that knows only the rules."""
