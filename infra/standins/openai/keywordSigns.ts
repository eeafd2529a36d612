/** Signs in a customer's words, over all languages of the rule model; stems, so that endings do not matter. */
const keywordSigns = {
  lead: stems(
    'quote|quotation|pricing|price list|demo\\b|trial|interested in|offer|buy\\b|purchase|reseller|partnership|how much|upgrade to|proposal|' +
      'angebot|preis|kosten für|interessier|testzugang|vorführung|zusammenarbeit|bestellen möchte|lizenzen für|' +
      'devis|tarif|intéress|offre|acheter|démonstration|' +
      'presupuesto|precio|interesad|oferta|comprar|demostraci|' +
      'preventivo|prezzi|interessat|offerta|acquistare|dimostrazione|' +
      'offerte|prijs|geïnteresseerd|aanschaffen|' +
      'orçamento|preço|interessad|proposta|demonstraç',
  ),
  customer: stems(
    'order|invoice|refund|deliver|shipment|account|login|log in|password|broken|defect|error|does not work|doesn.t work|not working|crash|outage|subscription|cancel|return|complain|warranty|my ticket|' +
      'bestellung|rechnung|erstattung|liefer|paket|konto|anmeld|passwort|kaputt|defekt|fehler|funktioniert|ausfall|abo\\b|kündig|rücksend|reklam|garantie|' +
      'commande|facture|rembours|livr|compte|mot de passe|cassé|erreur|panne|abonnement|annul|retour|' +
      'pedido|factura|reembolso|entrega|cuenta|contraseña|roto|error|suscripci|devoluci|' +
      'ordine|fattura|rimborso|consegna|spedizione|account|rotto|errore|abbonamento|reso\\b|' +
      'bestelling|factuur|terugbetal|levering|account|wachtwoord|kapot|fout|' +
      'encomenda|fatura|reembolso|entrega|conta\\b|senha|quebrad|erro\\b|assinatura|devoluç',
  ),
  angry: stems(
    'unacceptable|outrag|furious|disgrace|scandal|ridiculous|worst|never again|fed up|third time|last time|lawyer|legal action|chargeback|' +
      'unverschämt|frechheit|inakzeptabel|skandal|stinksauer|reicht es|zum dritten mal|nie wieder|anwalt|' +
      'inadmissible|scandaleux|furieu|honte|avocat|ras le bol|' +
      'inaceptable|vergüenza|indignad|furios|abogado|harto|' +
      'inaccettabile|vergogna|furios|avvocato|' +
      'onacceptabel|schandalig|woedend|belachelijk|advocaat|' +
      'inaceitável|vergonha|furios|advogado|absurdo',
  ),
  unhappy: stems(
    'disappoint|unfortunately|still (not|no|waiting)|problem|annoy|broken|does not work|doesn.t work|missing|late\\b|wrong|damaged|' +
      'enttäusch|leider|immer noch|problem|ärger|kaputt|defekt|fehlt|falsch|beschädigt|' +
      'déçu|malheureusement|toujours pas|problème|cassé|manque|' +
      'decepcion|lamentablemente|todavía no|problema|roto|falta|' +
      'delus|purtroppo|ancora non|problema|rotto|manca|' +
      'teleurgesteld|helaas|nog steeds|probleem|kapot|ontbreekt|' +
      'desapontad|infelizmente|ainda não|problema|quebrad|falta',
  ),
  thanks: stems(
    'thank you|thanks|much appreciated|works (now|again|perfectly)|great help|solved|' +
      'vielen dank|danke|funktioniert (jetzt|wieder)|super hilfe|erledigt|' +
      'merci|parfait|résolu|gracias|perfecto|resuelto|grazie|perfetto|risolto|bedankt|dank je|opgelost|obrigad|resolvid',
  ),
  urgent: stems(
    'urgent|asap|immediately|as soon as possible|right now|today|deadline|cannot work|can.t work|production is down|outage|all our|everyone is|' +
      'dringend|sofort|umgehend|noch heute|eilt|frist|steht still|können nicht arbeiten|' +
      'immédiatement|au plus vite|aujourd.hui|urgente|inmediatamente|hoy mismo|urgentemente|subito|oggi|spoed|direct|vandaag|imediatamente|hoje',
  ),
  outage: stems(
    'outage|production is down|is down for|data loss|lost (all )?(our )?data|cannot work|can.t work|everyone is locked out|' +
      'ausfall|steht still|datenverlust|niemand kann|panne totale|perte de données|caída|pérdida de datos|fuori servizio|perdita di dati|storing|dataverlies|fora do ar|perda de dados',
  ),
  security: stems(
    'data breach|hacked|security incident|phishing|leaked|someone else.s (data|invoice|account)|datenleck|gehackt|sicherheitsvorfall|fuite de données|piraté|hackead|filtración|violazione dei dati|hackerato|datalek|gehackt|vazamento',
  ),
  legal: stems(
    'lawyer|attorney|legal action|lawsuit|court|chargeback|anwalt|rechtliche schritte|gericht|avocat|tribunal|abogado|avvocato|advocaat|advogado|rückbuchung',
  ),
  person: stems(
    'speak to a (human|person)|talk to a (human|person)|real person|human please|mit einem menschen|parler à un humain|hablar con una persona|parlare con una persona|met een mens|falar com uma pessoa',
  ),
  /** Who is content, or only names a profession, threatens nobody. */
  harmless: stems(
    '(lawyers?|attorneys?)( and i| too)? (is|are|was|were) (very )?(happy|glad|pleased|delighted|satisfied)|(works?|working) as an? (lawyer|attorney)|' +
      'anw[aä]lt\\p{L}* (ist|sind|war|waren) (sehr )?(zufrieden|begeistert|glücklich)|' +
      'avocate?s? (est|sont) (très )?(content|satisfait|ravi)|abogad[oa]s? est(á|án) (muy )?(content|satisfech)|' +
      'avvocat[oi] (è|sono) (molto )?(content|soddisfatt)|advoca(at|ten) (is|zijn) (zeer )?(tevreden|blij)|advogad[oa]s? est(á|ão) (muito )?(content|satisfeit)',
  ),
  money: stems(
    'charged twice|double charge|wrong amount|refund|money back|doppelt (abgebucht|belastet|berechnet)|erstattung|geld zurück|rembours|débité deux fois|reembolso|cobrado dos veces|rimborso|addebitato due volte|terugbetal|dubbel afgeschreven|cobrad[oa] duas vezes',
  ),
  advertising: stems(
    'backlink|seo (service|ranking|audit)|guest post|increase your traffic|first page of google|b2b leads|cold outreach|job application|my cv|bewerbung|lebenslauf|candidature',
  ),
} as const;

export type Sign = keyof typeof keywordSigns;

function stems(pattern: string): RegExp {
  return new RegExp(`(?<!\\p{L})(${pattern})`, 'giu');
}

/** How many different signs of a kind a text contains. */
export function countSigns(kind: Sign, text: string): number {
  return new Set((text.match(keywordSigns[kind]) ?? []).map((found) => found.toLowerCase())).size;
}
