// Each rule needs two parts that seldom meet in texts for people: an order, and what only a model has.
const orders = String.raw`(?:instructions?|prompts?|directives?|guidelines|rules|system messages?|programming|training|context)`;
const earlier = String.raw`(?:previous|prior|preceding|earlier|above|foregoing|existing|original|initial|system|safety|developer|your|all(?: of)?(?: the| your)?)`;

export const ENGLISH: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,15}\b(?:the|these|those|any|all|your) ${orders}` +
      String.raw`[^.!?\n]{0,10}\b(?:above|before this|so far|you (?:were|have been) given)\b`,
    'g',
  ),
  new RegExp(
    String.raw`\b(?:ignore|disregard|forget|override|bypass|discard|neglect|skip|do not follow|don't follow|stop following)\b` +
      String.raw`[^.!?\n]{0,30}\b${earlier}\b[^.!?\n]{0,25}\b${orders}\b`,
    'g',
  ),
  /\b(?:ignore|disregard|forget)\b[^.!?\n]{0,15}\b(?:everything|all|anything)\b[^.!?\n]{0,20}\b(?:above|before|told|said|so far|learned)\b/g,
  /\byou are (?:now|no longer)\b[^.!?\n]{0,40}\b(?:an? (?:unrestricted|unfiltered|uncensored|different|new|evil)|dan\b|jailbroken|bound by|restricted|(?:in )?(?:developer|god|admin|debug|root) mode|assistant|ai|model|chatbot|bot)/g,
  /\b(?:act|behave|respond|reply|answer|pretend)\b[^.!?\n]{0,25}\b(?:as if|as though|as|that)\b[^.!?\n]{0,25}\b(?:no|without(?: any)?|unrestricted|free of)\b[^.!?\n]{0,15}\b(?:restrictions|rules|filters?|guidelines|limits|safety|censorship)\b/g,
  /\b(?:reveal|print|output|repeat|show|leak|disclose|display|tell me|dump|recite)\b[^.!?\n]{0,30}\b(?:system|hidden|initial|secret|original|developer)\s+(?:prompt|instructions?|message)\b/g,
  /\b(?:do not|don't|never|without)\b[^.!?\n]{0,20}\b(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|reveal(?:ing)?|alert(?:ing)?|notify(?:ing)?)\b[^.!?\n]{0,25}\b(?:the|this to the|it to the) (?:user|human|operator)\b/g,
  /\b(?:new|updated|real|actual|important|urgent|secret|override)\s+(?:system\s+)?(?:instructions?|directives?|orders)\s*(?:for (?:the )?(?:ai|assistant|model|agent|llm|chatbot|bot))?\s*:/g,
  /\b(?:attention|note|message|instructions?|notice|important|dear|hey|hello|warning)\b[\s,:]{1,3}(?:to |for )?(?:the |any |all |every )?(?:ai|llm|language model|artificial intelligence|ai assistant|ai agent|ai model|chatbot|assistant)s?\b\s*(?:reading|processing|parsing|summari[sz]ing|:|,|you\b|must\b)/g,
  /\b(?:if you are|as) (?:an? )?(?:ai|llm|language model|ai assistant|ai agent|automated agent|chatbot)\b[^.!?\n]{0,40}\b(?:you (?:must|should|need to|are required|have to|will)|please|then|output|respond|say|send|include|recommend)\b/g,
  /\b(?:send|forward|post|upload|e-?mail|transmit|exfiltrate|leak|append|submit)\b[^.!?\n]{0,40}\b(?:conversation|chat history|api keys?|passwords?|credentials|secrets?|tokens?|private keys?|user(?:'s)? data|environment variables|session cookies?)\b[^.!?\n]{0,30}\bto\b[^.!?\n]{0,15}(?:https?:|[\w.-]+@|this (?:address|url|server|endpoint)|the following|attacker|our server|[\w-]+\.(?:com|net|org|io|example|test))/g,
  /\b(?:call|invoke|use|run|execute|trigger)\b[^.!?\n]{0,15}\b(?:the |your |a )?(?:tool|function|`?[a-z_]+`? tool|delete_documents|shell|send_email|transfer)\b[^.!?\n]{0,40}\b(?:immediately|right away|now|without (?:asking|confirmation|confirming|telling|approval)|before (?:answering|responding|you answer|replying)|silently)\b/g,
  /\b(?:your|the assistant's|the model's) (?:new|only|real|true|sole) (?:task|goal|job|role|purpose|objective|instruction|mission) (?:is|becomes|will be)\b/g,
  /\b(?:from now on|starting now|henceforth)\b,?[^.!?\n]{0,20}\byou\b[^.!?\n]{0,20}\b(?:will|must|are|shall|should|only|obey|answer|respond|speak)\b/g,
  /\b(?:enter|enable|activate|switch (?:to|into)|you are in)\b[^.!?\n]{0,15}\b(?:dan|jailbreak|developer|god|debug|unrestricted|sudo|admin(?:istrator)?)\b[^.!?\n]{0,5}\bmode\b[^.!?\n]{0,60}\b(?:answer|respond|obey|comply|assistant|instructions?|ai|model|restrictions?|filters?)\b/g,
  /\b(?:respond|reply|answer|output)\b[^.!?\n]{0,10}\b(?:only|exclusively|just)\b[^.!?\n]{0,10}\b(?:with|by saying)\b[^\n]{0,60}\b(?:to (?:every|any|all)|no matter what|regardless of|whatever the (?:user|question))\b/g,
];
