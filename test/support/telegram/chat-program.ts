import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'
import { chat } from '../chat-program.ts'

const [database = '', apiRoot = '', token = '', ...people] = process.argv.slice(2)
await chat(database, people, (parts) => new TelegramTransport({ token, apiRoot, ...parts }))
