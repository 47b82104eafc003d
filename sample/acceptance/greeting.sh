said=$(./greeter greeting Anna)
echo "expected: Hello, Anna!"
echo "got:      $said"
[ "$said" = "Hello, Anna!" ]
