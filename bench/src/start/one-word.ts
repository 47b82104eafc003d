process.stdout.write('answered\n')
