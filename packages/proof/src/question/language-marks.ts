/** What distinguishes a language from the others in a short question. */
export interface LanguageMarks {
  /** Words of which nearly every sentence has some, lower case. */
  readonly words: ReadonlySet<string>;
  /** Question words that no other language here spells the same way. Each counts twice. */
  readonly asks: ReadonlySet<string>;
  /** Word endings that are frequent in this language and rare in others. */
  readonly endings: readonly string[];
  /** Letters beyond a to z. */
  readonly letters: RegExp | null;
}

const marks = (asks: string, words: string, endings = '', letters = ''): LanguageMarks => ({
  words: new Set(words.split(' ')),
  asks: new Set(asks.split(' ')),
  endings: endings === '' ? [] : endings.split(' '),
  letters: letters === '' ? null : new RegExp(`[${letters}]`, 'u'),
});

/**
 * Languages in Latin letters by their tag. The selection of function words and question words is our own. A frequent
 * word of several languages counts for all of them.
 */
export const MARKS: ReadonlyMap<string, LanguageMarks> = new Map([
  [
    'en',
    marks(
      'which whom whose why how when where',
      'a the of and to in is was for on with by as at from that which who whom whose what when where why how are were be been being do does did ' +
        'can could should would will may might must has have had not or an it its this these those than then there their they we you i my your ' +
        'if but about into between during after before under over per via many much most more less some any all each does without against ' +
        'using used use care niño niña el los la las san de di da van von du new',
      'ing ness ment ally ously tion tions',
    ),
  ],
  [
    'de',
    marks(
      'wer wem wessen wo wann warum wieso weshalb welche welcher welches welchen welchem wozu woher wohin woraus wofür worüber womit wodurch worin',
      'der die das des dem ein eine einer eines einem einen und oder ist sind waren wurde wurden wird werden wer wem wen wessen wie wo wann ' +
        'warum wieso weshalb welche welcher welches welchen welchem wozu woher wohin woraus wofür worüber womit wodurch worin von vom zu zum ' +
        'zur mit nach aus bei beim für über durch gegen zwischen auf im ins ab bis seit nicht kein keine auch sich als um viele gibt kann haben ' +
        'hatte heißt hieß ihr sein seine ihre wenn dass nur noch zwei drei ohne was heraus fand gab bedeutet entsteht nennt nenne man hat',
      'ung ungen heit keit schaft lich isch chen tät iert ieren',
      'äöüß',
    ),
  ],
  [
    'es',
    marks(
      'quién quiénes quien cuál cuáles cuándo cuando dónde donde adónde cuánto cuantos cuántos cuántas cuantas cuánta qué',
      'el la los las un una unos unas de del al y o en es son fue fueron era eran que qué quién quien quiénes cuál cual cuáles cuándo cuando ' +
        'dónde donde adónde cómo como cuánto cuanto cuántos cuantos cuánta cuántas cuantas por para con sin sobre entre desde hasta según se ' +
        'su sus lo le les no más mas está están hay tiene tenía puede hace ser porque cuyo',
      'ción ciones dad miento mente',
      'áéíóúñü¿¡',
    ),
  ],
  [
    'fr',
    marks(
      'quel quelle quels quelles où pourquoi combien quoi qui',
      'le la les un une des du de d l au aux et ou est sont était étaient fut que qu qui quoi quel quelle quels quelles quand où comment ' +
        'pourquoi combien dans en pour par avec sans sur sous entre depuis vers chez ne pas plus se ce cette ces cet son sa ses leur leurs il ' +
        'elle ils elles a été ont avait peut fait être dont y',
      'ité eux euse ière',
      'àâçèéêëîïôùûœ',
    ),
  ],
  [
    'it',
    marks(
      'quale quali quanti quante perché quando cosa',
      'il lo la i gli le un uno una di del dello della dei degli delle da dal dalla al alla ai in nel nella e o è sono era erano fu che chi cosa ' +
        'quale quali quando dove come perché quanto quanti quanta quante con su sul sulla per tra fra non più si suo sua suoi ha hanno aveva può ' +
        'viene stato stata qual cui',
      'zione zioni ità mente ezza',
      'àèéìòù',
    ),
  ],
  [
    'pt',
    marks(
      'quem quais onde quantos quantas quando qual',
      'o a os as um uma uns umas de do da dos das no na nos nas em ao aos à e ou é são foi foram era que quem qual quais quando onde como quanto ' +
        'quantos quanta quantas por para com sem sobre entre desde até pelo pela não mais se seu sua seus suas tem tinha pode está há ser porque',
      'ção ções dade mente agem',
      'ãõáâàéêíóôúç',
    ),
  ],
  [
    'nl',
    marks(
      'hoeveel waar waarom wanneer welke welk',
      'de het een en of is was zijn waren werd werden wordt wie wat waar wanneer waarom hoe hoeveel welk welke van voor met door naar uit bij ' +
        'aan op om over tot tussen tegen niet geen ook zich dan dat die deze dit er heeft had kan naam als te',
      'heid lijk ing schap ische',
    ),
  ],
  [
    'ro',
    marks(
      'când câte câți cine unde cum',
      'un o al ai ale a lui și si sau este sunt era erau fost ce cine cui care când cand unde cum cât cat câți câte cati cate de din la în in pe cu ' +
        'pentru prin despre între după până dintre fără nu mai se s său sa sale îi i-a au are avea asupra celor poate avut numește numit fi către dacă',
      'ului ilor enul ctul elor ării tatea ție ții iei',
      'ăâîșşțţ',
    ),
  ],
  [
    'tr',
    marks(
      'kim kimi kime kimin kimdir nedir nerede nereye nereden neresidir nerededir nasıl neden niçin kaç kaçtır hangi',
      've ile bir bu şu o ne kim kimi kime kimin kimdir nedir nerede nereye nereden neresidir nerededir nasıl neden niçin niye kaç kaçtır hangi zaman mi mı ' +
        'mu mü var yok için gibi kadar daha en çok değil olan olarak oldu olur sonra önce göre beri ait zamandan arasındaki hakkında tarafından sebep da',
      'ları leri yor yordu nın nin nun nün dır dir tır mek mak ması mesi ında inde sının sinin',
      'çğışöüİ',
    ),
  ],
  [
    'vi',
    marks(
      'bao nhiêu nào gì đâu',
      'là và của có không được bao nhiêu nào gì ai khi ở đâu tại sao như thế người những các một cho với từ trong trên năm đã đến để về hay cach nau',
      '',
      'ăâđêôơưàáãèéìíòóõùúýĩũạ-ỹ',
    ),
  ],
  [
    'pl',
    marks(
      'kto kogo kiedy gdzie dlaczego jaka jakie który która które ile',
      'i w we z ze na do od po za o przez dla przy pod nad jest są był była było były kto kogo co czym kiedy gdzie dlaczego jak jaki jaka jakie ' +
        'jakim który która które ile czy się nie oraz lub jego jej ich kim to został została',
      'ów ego ych ość ości anie enie ami',
      'ąćęłńóśźż',
    ),
  ],
  [
    'sv',
    marks(
      'vem vad varför hur vilken vilket vilka',
      'och att det en ett som är var vem vad när varför hur vilken vilket vilka på av för med till från om inte han hon den de har hade kan blev ' +
        'finns mellan under efter många mycket heter hette',
      'ning ningen arna erna heten',
      'åäö',
    ),
  ],
  [
    'da',
    marks(
      'hvem hvad hvor hvornår hvorfor hvordan hvilken hvilket hvilke',
      'og at det en et som er var hvem hvad hvor hvornår hvorfor hvordan hvilken hvilket hvilke hvilken på af for med til fra om ikke han hun den ' +
        'de har havde kan blev mellem efter mange meget hedder mange når',
      'ingen erne heden else',
      'åæø',
    ),
  ],
  [
    'fi',
    marks(
      'mikä mitä missä milloin miksi miten kuka kuinka mihin mistä kenen',
      'ja on oli ovat mikä mitä missä milloin miksi miten kuka kuinka mihin mistä kenen ei että joka se ne tai kun kuin monta paljon kanssa välillä jälkeen',
      'ssa ssä sta stä lla llä ksi inen iset',
      'äö',
    ),
  ],
  [
    'hu',
    marks(
      'mikor hol hogyan miért melyik mennyi hány',
      'a az és egy ki mi mit mikor hol hogyan miért melyik mennyi hány van volt nem hogy vagy ez azt milyen között után is meg mely kinek',
      'ban ben nak nek ság ség ért ról ről',
      'áéíóöőúüű',
    ),
  ],
  [
    'cs',
    marks(
      'kdo kdy kde proč jaký jaká jaké která které kolik',
      'a v ve na z ze do od po za je jsou byl byla bylo byly kdo co kdy kde proč jak jaký jaká jaké který která které kolik se si ne nebo pro při s k ' +
        'mezi jeho její jejich to že čím',
      'ost osti ých ého ání ení',
      'áčďéěíňóřšťúůýž',
    ),
  ],
  [
    'id',
    marks(
      'siapa kapan mengapa bagaimana berapa apa',
      'yang dan di ke dari apa siapa kapan dimana mana mengapa bagaimana berapa adalah itu ini untuk dengan pada oleh tidak ada dalam sebagai atau akan ' +
        'antara telah nama tahun',
      'kan nya',
    ),
  ],
]);
