import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { HuskiesMatrixClient } from '../../../src/transports/matrix/matrix-client.ts'

/** A client of a server that answers everything with so many bytes. */
async function clientOf(bytes: number) {
  const server = createServer((_, response) => void response.end(Buffer.alloc(bytes)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const homeserver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const session = { homeserver, user: '@bot:e.org', device: 'D', token: 't' }
  return new HuskiesMatrixClient(session, undefined)
}

test('a file is brought up to 50 MB, and a larger one stays where it is', async () => {
  const client = await clientOf(3)
  expect(await client.download('mxc://e.org/file')).toEqual(Buffer.alloc(3))
  const other = await clientOf(50_000_001)
  await expect(other.download('mxc://e.org/file')).rejects.toMatchObject({
    message: 'it is larger than 50 MB',
  })
})
