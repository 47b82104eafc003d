/**
 * What people see of a text on WhatsApp. WhatsApp tells its marks, and not what has to stand around
 * them: so this takes every mark that some reading of it would take. A mark opens after a space, a sign
 * or nothing and before anything but a space; it closes after anything but a space, where no letter or
 * digit follows; both stand in one line, and the first that closes does. In code and in addresses
 * nothing is a mark. What has no width is not seen, and is no space.
 */
export function readWhatsApp(text: string): string {
  return text
    .split(/(```[\s\S]*?```|(?<!\u200b)`(?!\u200b)[^`\n]+`|https?:\/\/[^\s<>]+)/)
    .map((piece, index) => (index % 2 === 0 ? unmarked(piece) : withoutFence(piece)))
    .join('')
    .replaceAll('\u200b', '')
}

const side = '[\\s\\p{P}\\p{S}\\u0001]'

/** Each pass takes away one layer of marks: what was taken is remembered, since styles hold others. */
function unmarked(line: string): string {
  let read = line
  for (const mark of ['\\*', '_', '~'])
    read = read.replace(
      new RegExp(`(?<=^|${side})${mark}(?=\\S)([^\\n]*?\\S)${mark}(?![\\p{L}\\p{N}])`, 'gmu'),
      '\u0001$1\u0001',
    )
  return read.replaceAll('\u0001', '')
}

function withoutFence(piece: string): string {
  if (piece.startsWith('```')) return piece.slice(3, -3)
  return piece.startsWith('`') ? piece.slice(1, -1) : piece
}
