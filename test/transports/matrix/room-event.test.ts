import { expect, test } from 'vitest'
import { meaningOf, roomEvent } from '../../../src/transports/matrix/room-event.ts'

const meaning = (content: object) =>
  meaningOf(
    roomEvent.parse({
      ...{ event_id: '$1', type: 'm.room.message', sender: '@ann:e.org', origin_server_ts: 1 },
      content,
    }),
  )

test.each(['mxc://e.org/AbC_-9', 'mxc://e.org:8448/x', 'mxc://[::1]:8448/x', 'mxc://10.0.0.1/x'])(
  'a file lies at %s',
  (url) => {
    expect(meaning({ msgtype: 'm.file', body: 'a.txt', url })).toMatchObject({
      files: [{ name: 'a.txt', ref: url }],
    })
    const file = { url, iv: 'x' }
    expect(meaning({ msgtype: 'm.file', body: 'a.txt', file })).toMatchObject({
      files: [{ name: 'a.txt', ref: JSON.stringify(file) }],
    })
  },
)

test.each([
  'https://evil.example/x',
  'mxc://e.org',
  'mxc://e.org/../x',
  'mxc://../x',
  'mxc://e.org/x?a=b',
  '',
])('what is said to lie at %s is no file, since no server has it', (url) => {
  expect(meaning({ msgtype: 'm.file', body: 'a.txt', url })).toEqual({
    ...{ kind: 'message', text: 'a.txt' },
  })
  expect(meaning({ msgtype: 'm.file', body: 'a.txt', file: { url } })).toMatchObject({
    text: 'a.txt',
  })
})
