export const GERMAN: readonly RegExp[] = [
  /(?:ignorier(?:e|en|t)?|missacht(?:e|en|et)?|vergiss|vergessen sie|vergesst|überschreib(?:e|en)|umgeh(?:e|en)|verwirf|befolge (?:nicht|keine)|beachte (?:nicht|keine))[^.!?\n]{0,40}(?:bisherig|vorherig|vorig|früher|obig|vorangegangen|ursprünglich|bestehend|all(?:e|en|er)|sämtlich|deine|ihre|system|sicherheits)[a-zß-ÿœ]*[^.!?\n]{0,30}(?:anweisung|instruktion|vorgabe|regel|richtlinie|befehl|prompt|systemnachricht|kontext)/g,
  /(?:ignorier(?:e|en)?|vergiss|vergessen sie)[^.!?\n]{0,15}\b(?:alles|allem)\b[^.!?\n]{0,25}(?:oben|zuvor|vorher|davor|bisher|gesagt|steht)/g,
  /\b(?:du bist|sie sind) (?:jetzt|nun|ab jetzt|ab sofort|nicht mehr|nicht länger)\b[^.!?\n]{0,40}(?:uneingeschränkt|ungefiltert|unzensiert|assistent|modell|chatbot|\bki\b|entwicklermodus|an (?:deine|ihre|keine) regeln|gebunden|dan\b)/g,
  /(?:zeig(?:e|en)?|verrate|gib|geben sie|wiederhole|nenne|offenbar(?:e|en)|drucke)[^.!?\n]{0,30}(?:systemprompt|system-prompt|systemanweisung|versteckten? anweisung|geheimen? anweisung|ursprünglichen? anweisung)/g,
  /(?:sag(?:e|en)?|verrate|erwähn(?:e|en)|informier(?:e|en)|teile)[^.!?\n]{0,20}(?:dem|den|der) (?:nutzer|benutzer|anwender|menschen)[a-zß-ÿœ]*[^.!?\n]{0,20}(?:nichts|nicht|niemals)/g,
  /(?:ohne (?:dass|es)|verschweige)[^.!?\n]{0,20}(?:der|dem) (?:nutzer|benutzer|anwender)[a-zß-ÿœ]*[^.!?\n]{0,25}(?:davon|erfährt|merkt|bemerkt|zu sagen|mitzuteilen)/g,
  /\b(?:neue|wichtige|geheime|aktualisierte|dringende|eigentliche) (?:system)?(?:anweisung|instruktion|befehl)[a-zß-ÿœ]*(?: für (?:die |das |den |alle )?(?:ki|assistent|modell|sprachmodell|agent)[a-zß-ÿœ]*)?\s*:/g,
  /\b(?:hinweis|achtung|wichtig|nachricht|anweisung|mitteilung)\b[\s,:]{0,3}(?:an |für )(?:die |das |den |alle |jede )?(?:ki|künstliche|sprachmodell|assistent|chatbot|llm|agent)[a-zß-ÿœ]*/g,
  /\b(?:wenn|falls|sofern) (?:du|sie) (?:eine? |als )?(?:ki|sprachmodell|assistent|chatbot|llm)[a-zß-ÿœ]*[^.!?\n]{0,60}/g,
  /(?:send(?:e|en)|schick(?:e|en)|übermitt(?:le|eln)|leite|mail(?:e|en))[^.!?\n]{0,40}(?:gespräch|chatverlauf|verlauf|passw(?:o|ö)rt|zugangsdaten|api-?schlüssel|api-?key|geheimnis|token|nutzerdaten|kundendaten)[a-zß-ÿœ]*[^.!?\n]{0,25}\b(?:an|zu|nach)\b[^.!?\n]{0,15}(?:https?:|[\w.-]+@|[\w-]+\.(?:com|de|net|org|example))/g,
  /\b(?:deine|ihre) (?:neue|einzige|wahre|eigentliche) (?:aufgabe|rolle|ziel|anweisung)\b[^.!?\n]{0,5}\b(?:ist|lautet|besteht)/g,
  /\b(?:ab (?:jetzt|sofort)|von nun an)\b[^.!?\n]{0,15}(?:antworte|gehorche|bist du|wirst du|musst du|sollst du|antworten sie|handelst du|befolgst du)/g,
];
