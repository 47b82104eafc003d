import { conforms } from './conforms.ts'
import { openPipes, openScreen } from './terminal-network.ts'

const alone = 'one person sits at a terminal, and nobody else'
const local = 'nothing lies between the program and its terminal that could fail by itself'
const gone = 'a line that was read is gone, and is kept nowhere'
const lines = 'a terminal shows lines, one after the other'

const always = {
  'in a room it is told whom a message is for, and the bot is not named in the text': alone,
  'a message in a thread has its thread, and an answer to it is seen there alone': alone,
  'what another bot says is not heard': alone,
  'a message that its sender changes is told under the id that it had': gone,
  'a message that its sender deletes is told under the id that it had': gone,
  'an event that is delivered again has the id that it had': gone,
  'what could not be stored comes again, at the next start too': gone,
  'what is said while the bot is away is heard when it comes back, in order': gone,
  'an emoji is shown at what somebody said': lines,
  'a message that is deleted is seen no more': lines,
  'what is far too long for a chat comes as a file': 'a terminal scrolls',
  'a room that must wait is told until when, and no other room waits with it': alone,
  'an error of the server fails one message, and the next one goes through': local,
  'L59: a message whose answer is lost is in doubt, and its repetition is seen once where that is declared':
    local,
  'a connection that is lost comes back by itself, with all that was said meanwhile': local,
  'credentials that are refused are not tried again, and a person is told what to do': local,
  'another program with the same credentials is noticed': local,
}

conforms({ name: 'the terminal at a screen', open: openScreen, skips: always })

const pipe = 'what was written to a pipe cannot be taken back'
conforms({
  name: 'the terminal behind pipes',
  open: openPipes,
  skips: {
    ...always,
    'a message that is edited shows its new text': pipe,
    'that the bot is at work is shown, and leaves nothing behind': pipe,
  },
})
