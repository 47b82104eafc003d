import { Hooks } from '../../../src/kernel/hooks.ts'
import { SlackTransport } from '../../../src/transports/slack/slack-transport.ts'
import { chat } from '../chat-program.ts'

const [database = '', apiRoot = '', botToken = '', appToken = '', ...people] = process.argv.slice(2)
const credentials = { botToken, appToken, apiRoot }
await chat(
  database,
  people,
  (parts) => new SlackTransport({ credentials, hooks: new Hooks(), ...parts }),
)
