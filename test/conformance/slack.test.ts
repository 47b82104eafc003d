import { conforms } from './conforms.ts'
import { openSlack } from './slack-network.ts'

conforms({
  name: 'Slack',
  open: openSlack,
  skips: {
    'that the bot is at work is shown, and leaves nothing behind':
      'Slack shows it below threads alone, where another test proves it',
  },
})
