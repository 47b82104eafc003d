import { readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { Problem } from '../kernel/problem.ts'

const host = '127.0.0.1'
const firstPort = 3000
const lastPort = 3099

export interface PortOptions {
  /** The port of the settings; 0 is any that is free, and stays the same from then on. */
  readonly wanted: number | undefined
  /** Where the port of the last start is kept, for programs of the machine to find, too. */
  readonly file: string
}

/**
 * Has the server listen on this machine alone, on the port of the settings; else on that of the last
 * start, since agents that live on know it; else on the first that is free from 3000 on, so that
 * several projects can be served beside each other. Returns the port. Throws `Problem` `port-taken`
 * where the settings name one that another program has.
 */
export async function listen(server: Server, { wanted, file }: PortOptions): Promise<number> {
  if (wanted !== undefined && wanted !== 0) {
    if (!(await listensOn(server, wanted))) throw taken(wanted)
    return wanted
  }
  const range = Array.from({ length: lastPort - firstPort + 1 }, (_, index) => firstPort + index)
  for (const port of [...remembered(file), ...(wanted === 0 ? [] : range), 0]) {
    if (!(await listensOn(server, port))) continue
    const address = server.address()
    const got = typeof address === 'object' && address ? address.port : port
    writeFileSync(file, `${got}\n`, { mode: 0o600 })
    return got
  }
  throw new Error('no port of this machine is free')
}

/** False where another program has the port. */
function listensOn(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    }
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      resolve(true)
    })
  })
}

function remembered(file: string): number[] {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? [port] : []
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return []
  }
}

function taken(port: number): Problem {
  return new Problem(
    'port-taken',
    `Port ${port} of this machine is in use by another program: end that, or name another port under [http] in bot.toml.`,
  )
}
