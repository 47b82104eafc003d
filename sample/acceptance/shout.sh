said=$(./greeter shout Anna)
echo "expected: HELLO, ANNA!"
echo "got:      $said"
[ "$said" = "HELLO, ANNA!" ]
