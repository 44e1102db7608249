import { placesOf } from './matches.ts';
import type { Flag } from './types.ts';

/** Marks with which the chat templates of published models begin and end a turn. */
const MARKS: readonly RegExp[] = [
  /<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|eom_id|channel|message|start|end|return|call|constrain|tool_call|tool_response)\|>/gi,
  /<(?:start|end)_of_turn>/gi,
  /\[\/?INST\]/g,
  /<<\/?SYS>>/g,
  /<｜(?:begin▁of▁sentence|end▁of▁sentence|User|Assistant|tool▁calls▁begin)｜>/g,
  /<\|(?:START|END)_OF_TURN_TOKEN\|>|<\|(?:SYSTEM|USER|CHATBOT)_TOKEN\|>/g,
  /<\/?(?:system|assistant|function_calls?|tool_calls?|function_results?|tool_response)>/gi,
  /^\s*(?:###\s*)?(?:Human|Assistant|System|Instruction|Response)\s*:\s*\n/gim,
  /(?:^|\n)\n(?:Human|Assistant|System): \S/g,
];

/** Marks of chat templates: a passage has no reason to begin another's turn. */
export function findTemplates(text: string): Flag[] {
  return MARKS.flatMap((mark) => placesOf(mark, text).map((place) => ({ label: 'chat-template' as const, ...place })));
}
