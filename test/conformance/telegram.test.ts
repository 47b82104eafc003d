import { conforms } from './conforms.ts'
import { openTelegram } from './telegram-network.ts'

conforms({
  name: 'Telegram',
  open: openTelegram,
  skips: {
    'a message that its sender deletes is told under the id that it had':
      'Telegram does not tell bots that a message was deleted',
  },
})
