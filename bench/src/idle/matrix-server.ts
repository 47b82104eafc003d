import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of a Matrix server as a client needs that is in no room: nothing ever happens there. */
export async function silentMatrixServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const user = { user_id: '@huskies:localhost', device_id: 'BENCH' }
  const answers: readonly (readonly [RegExp, object])[] = [
    [/\/account\/whoami/, user],
    [/\/joined_rooms/, { joined_rooms: [] }],
    [/\/filter$/, { filter_id: '1' }],
    [/\/keys\/upload/, { one_time_key_counts: { signed_curve25519: 50 } }],
    [/\/keys\/query/, { device_keys: {} }],
  ]
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const answer = answers.find(([path]) => path.test(pathname))?.[1] ?? {}
    const isSync = pathname.endsWith('/sync')
    // The first sync is answered at once, and those after it wait for something to happen.
    if (isSync && searchParams.has('since')) return
    say(response, isSync ? { next_batch: '1' } : answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function say(response: ServerResponse, answer: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
}
