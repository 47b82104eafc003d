import { huskies } from './huskies.ts'
import type { Networks } from './loading.ts'
import { peers } from './peers.ts'

// Connects one bot to its network, tells how long its modules took to load, and waits until its input
// ends.
const [kind = '', given = ''] = process.argv.slice(2)
const networks: Networks = JSON.parse(given)
const before = performance.now()
const connect = await { ...huskies, ...peers }[kind]?.(networks)
const importMs = performance.now() - before
const disconnect = await connect?.()
process.stdout.write(`${importMs}\n`)
process.stdin
  .on('end', async () => {
    await disconnect?.()
    process.exit(0)
  })
  .resume()
