import { conforms } from './conforms.ts'
import { openTelegram, openTelegramWebhook } from './telegram-network.ts'

const skips = {
  'a message that its sender deletes is told under the id that it had':
    'Telegram does not tell bots that a message was deleted',
}

conforms({ name: 'Telegram', open: openTelegram, skips })

conforms({ name: 'Telegram by webhook', open: openTelegramWebhook, skips })
