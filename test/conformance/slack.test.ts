import { conforms } from './conforms.ts'
import { openSlack, openSlackOverHttp } from './slack-network.ts'

const skips = {
  'that the bot is at work is shown, and leaves nothing behind':
    'Slack shows it below threads alone, where another test proves it',
}

conforms({ name: 'Slack', open: () => openSlack(), skips })

conforms({
  name: 'Slack over HTTP',
  open: openSlackOverHttp,
  skips: {
    ...skips,
    'another program with the same credentials is noticed':
      'Slack calls one address: nobody else is told anything',
  },
})
