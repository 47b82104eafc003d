[ "$(./greeter version)" = "greeter 1.0" ]
