said=$(./greeter farewell Anna)
echo "expected: Goodbye, Anna!"
echo "got:      $said"
[ "$said" = "Goodbye, Anna!" ]
