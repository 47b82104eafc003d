import { advice, isNewEnough } from './node-version.js'

if (!isNewEnough()) {
  process.stderr.write(`${advice()}\n`)
  process.exit(1)
}
