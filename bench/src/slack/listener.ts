import type { Setup } from '../subjects/subject.ts'

// Listens to Slack with 50 commands, prints that it is there and then each reply whose number can be
// divided by `every`, and ends with its input.
const [kind = '', apiRoot = '', botToken = '', appToken = '', every = '1'] = process.argv.slice(2)
let replies = 0
const setup: Setup = {
  commands: 50,
  waits: false,
  handle: (_session, texts) => texts.join(' '),
  sink(reply) {
    replies += 1
    if (replies % Number(every) === 0) process.stdout.write(`${reply}\n`)
  },
}

process.stdin.on('end', () => process.exit(0)).resume()
if (kind === 'bare') await bare()
else if (kind === 'bolt') await bolt()
else await huskies(kind === 'huskies-durable')
process.stdout.write('ready\n')

/** Whoever reads a frame and acknowledges it: what the wire itself lets through. */
async function bare(): Promise<void> {
  const { default: WebSocket } = await import('ws')
  const response = await fetch(`${apiRoot}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${appToken}` },
  })
  const { url } = (await response.json()) as { readonly url: string }
  const socket = new WebSocket(url)
  socket.on('message', (data) => {
    const { envelope_id: id, payload } = JSON.parse(String(data))
    if (id === undefined) return
    setup.sink(payload.event.text.split(' ')[1])
    socket.send(JSON.stringify({ envelope_id: id }))
  })
  await new Promise((resolve) => socket.once('message', resolve))
}

/** As Bolt's documentation has it: Socket Mode, and a listener for each command. */
async function bolt(): Promise<void> {
  const { App, LogLevel } = await import('@slack/bolt')
  const app = new App({
    ...{ token: botToken, appToken, socketMode: true, logLevel: LogLevel.ERROR },
    clientOptions: { slackApiUrl: apiRoot },
  })
  for (let k = 0; k < setup.commands; k++)
    app.message(new RegExp(`^cmd${k} (.*)`), async ({ context }) => {
      setup.sink(await setup.handle(0, [context.matches?.[1] ?? '']))
    })
  await app.start()
}

/** The transport as people have it, in front of the bot: where that is durable, both in one database. */
async function huskies(isDurable: boolean): Promise<void> {
  const { assemble, inMemory, onDisk } = await import('../subjects/huskies.ts')
  const { SlackTransport } = await import('../../../src/transports/slack/slack-transport.ts')
  const { systemClock } = await import('../../../src/kernel/clock.ts')
  const { Hooks } = await import('../../../src/kernel/hooks.ts')
  const { silentLog } = await import('../../../src/kernel/log.ts')
  const { migrate } = await import('../../../src/store/migrations.ts')
  const { Store } = await import('../../../src/store/store.ts')
  const disk = isDurable ? onDisk() : undefined
  process.once('exit', () => disk?.[Symbol.dispose]())
  const bot = assemble(setup, disk ?? inMemory(), 'commands')
  const store = disk?.store ?? Store.open(':memory:')
  migrate(store, 0)
  const transport = new SlackTransport({
    credentials: { botToken, appToken, apiRoot },
    ...{ store, clock: systemClock, log: silentLog, commands: () => [], hooks: new Hooks() },
  })
  const connected = Promise.withResolvers<void>()
  const nothing = async () => {}
  transport
    .connect({
      signal: new AbortController().signal,
      listener: {
        receive: async ({ room, text }) => void (await bot.deliver(Number(room.slice(1)), text)),
        ...{ edit: nothing, remove: nothing, choose: nothing },
      },
      reached: (state) => state === 'connected' && connected.resolve(),
      alive: () => {},
    })
    .catch(connected.reject)
  await connected.promise
}
