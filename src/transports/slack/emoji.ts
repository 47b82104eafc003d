/** Slack knows emoji by names of its own. */
const names: Readonly<Record<string, string>> = {
  '👀': 'eyes',
  '👍': '+1',
  '👎': '-1',
  '👌': 'ok_hand',
  '✅': 'white_check_mark',
  '❌': 'x',
  '⚠': 'warning',
  '❓': 'question',
  '❤': 'heart',
  '🔥': 'fire',
  '🎉': 'tada',
  '⏳': 'hourglass_flowing_sand',
  '🐺': 'wolf',
}

/** What Slack calls the emoji; undefined for one whose name is not known here. */
export function emojiName(emoji: string): string | undefined {
  // The mark asks for the coloured form, and may be left out.
  return names[emoji.replaceAll('\u{fe0f}', '')]
}
