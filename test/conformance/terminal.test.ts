import { conforms } from './conforms.ts'
import { openPipes, openScreen } from './terminal-network.ts'

const always = {
  'an event that is delivered again has the id that it had':
    'a line that was read is gone, so that nothing can be delivered again',
}

conforms({ name: 'the terminal at a screen', open: openScreen, skips: always })

conforms({
  name: 'the terminal behind pipes',
  open: openPipes,
  skips: {
    ...always,
    'a message that is edited shows its new text':
      'what was written to a pipe cannot be taken back',
    'that the bot is at work is shown, and leaves nothing behind':
      'what was written to a pipe cannot be taken back',
  },
})
