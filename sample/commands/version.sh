echo "greeter 1.0"
