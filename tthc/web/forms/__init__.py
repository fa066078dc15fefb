"""Forms by noun: they check the shape of what was typed; services check whether it is true."""
