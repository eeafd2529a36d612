import type { Language } from './languages.ts';

/** The sentences of which a reply is made; `%s` stands for the subject. */
export interface ReplyPhrases {
  readonly greeting: string;
  readonly thanksFor: string;
  readonly sorry: string;
  readonly regret: string;
  readonly factsIntro: string;
  readonly checking: string;
  readonly leadChecking: string;
  readonly person: string;
  readonly askOrder: string;
  readonly askQuantity: string;
  readonly askMore: string;
  readonly close: string;
  readonly delayed: string;
  readonly reminder: string;
  readonly reminderClose: string;
  readonly facts: Readonly<Record<string, string>>;
}

export const replyPhrases: Readonly<Record<Language, ReplyPhrases>> = {
  en: {
    greeting: 'Hello,',
    thanksFor: 'thank you for your message about "%s".',
    sorry: 'We are very sorry for the trouble this has caused you, and we understand your anger.',
    regret: 'We are sorry that this did not go as it should.',
    factsIntro: 'This is what we have noted:',
    checking: 'We are checking the matter now and will come back to you with the result.',
    leadChecking:
      'We are glad about your interest. We are checking what fits your needs and will come back to you with the details.',
    person: 'A colleague is looking at your message personally.',
    askOrder: 'So that we can find it at once: could you tell us your order or invoice number?',
    askQuantity: 'So that we can prepare something suitable: for how many people or pieces do you need it?',
    askMore: 'Could you describe in a few more words what happened, so that we check the right thing?',
    close: 'If anything else matters for this, simply answer this mail.',
    delayed: 'we are sorry that you have had to wait for an answer about "%s".',
    reminder: 'we would like to ask whether our last message about "%s" reached you and helped.',
    reminderClose: 'If you still need anything, simply answer this mail; otherwise there is nothing to do.',
    facts: {
      order: 'Order',
      invoice: 'Invoice',
      amount: 'Amount',
      date: 'Date',
      error: 'Message',
      quantity: 'Quantity',
      attachment: 'Attachment',
    },
  },
  de: {
    greeting: 'Guten Tag,',
    thanksFor: 'vielen Dank für Ihre Nachricht zu „%s“.',
    sorry: 'Wir bedauern sehr, dass Sie solche Unannehmlichkeiten haben, und verstehen Ihren Ärger.',
    regret: 'Es tut uns leid, dass das nicht so gelaufen ist, wie es sollte.',
    factsIntro: 'Das haben wir festgehalten:',
    checking: 'Wir prüfen die Angelegenheit jetzt und melden uns mit dem Ergebnis bei Ihnen.',
    leadChecking:
      'Wir freuen uns über Ihr Interesse. Wir prüfen, was zu Ihrem Bedarf passt, und melden uns mit den Einzelheiten bei Ihnen.',
    person: 'Eine Kollegin oder ein Kollege sieht sich Ihre Nachricht persönlich an.',
    askOrder: 'Damit wir den Vorgang gleich finden: Nennen Sie uns bitte Ihre Bestell- oder Rechnungsnummer?',
    askQuantity:
      'Damit wir etwas Passendes vorbereiten können: Für wie viele Personen oder Stück benötigen Sie es?',
    askMore:
      'Können Sie bitte mit ein paar Worten mehr beschreiben, was geschehen ist, damit wir das Richtige prüfen?',
    close: 'Wenn dazu noch etwas wichtig ist, antworten Sie einfach auf diese Mail.',
    delayed: 'es tut uns leid, dass Sie auf eine Antwort zu „%s“ warten mussten.',
    reminder:
      'wir möchten nachfragen, ob unsere letzte Nachricht zu „%s“ bei Ihnen angekommen ist und geholfen hat.',
    reminderClose:
      'Wenn Sie noch etwas brauchen, antworten Sie einfach auf diese Mail; sonst müssen Sie nichts tun.',
    facts: {
      order: 'Bestellung',
      invoice: 'Rechnung',
      amount: 'Betrag',
      date: 'Datum',
      error: 'Meldung',
      quantity: 'Menge',
      attachment: 'Anhang',
    },
  },
  fr: {
    greeting: 'Bonjour,',
    thanksFor: 'merci pour votre message au sujet de « %s ».',
    sorry: 'Nous sommes sincèrement désolés de ces désagréments et comprenons votre colère.',
    regret: 'Nous sommes désolés que cela ne se soit pas passé comme prévu.',
    factsIntro: 'Voici ce que nous avons noté :',
    checking: 'Nous vérifions votre demande et reviendrons vers vous avec le résultat.',
    leadChecking:
      'Nous vous remercions de votre intérêt. Nous vérifions ce qui correspond à votre besoin et reviendrons vers vous avec les détails.',
    person: 'Un membre de notre équipe examine personnellement votre message.',
    askOrder:
      'Pour retrouver votre dossier, pourriez-vous nous indiquer votre numéro de commande ou de facture ?',
    askQuantity:
      'Pour préparer une réponse adaptée, pour combien de personnes ou de pièces en avez-vous besoin ?',
    askMore: 'Pourriez-vous décrire en quelques mots de plus ce qui s’est passé ?',
    close: 'Si un autre point est important, répondez simplement à ce message.',
    delayed: 'nous sommes désolés de vous avoir fait attendre une réponse au sujet de « %s ».',
    reminder:
      'nous souhaitons savoir si notre dernier message au sujet de « %s » vous est parvenu et vous a aidé.',
    reminderClose: 'Si vous avez encore besoin de quelque chose, répondez simplement à ce message.',
    facts: {
      order: 'Commande',
      invoice: 'Facture',
      amount: 'Montant',
      date: 'Date',
      error: 'Message',
      quantity: 'Quantité',
      attachment: 'Pièce jointe',
    },
  },
  es: {
    greeting: 'Hola:',
    thanksFor: 'Gracias por su mensaje sobre «%s».',
    sorry: 'Lamentamos mucho las molestias que esto le ha causado y entendemos su enfado.',
    regret: 'Lamentamos que esto no haya salido como debía.',
    factsIntro: 'Esto es lo que hemos anotado:',
    checking: 'Estamos revisando el asunto y le responderemos con el resultado.',
    leadChecking:
      'Agradecemos su interés. Estamos revisando qué se ajusta a lo que necesita y le responderemos con los detalles.',
    person: 'Una persona de nuestro equipo está revisando su mensaje.',
    askOrder: 'Para encontrarlo enseguida, ¿podría indicarnos su número de pedido o de factura?',
    askQuantity: 'Para preparar algo adecuado, ¿para cuántas personas o unidades lo necesita?',
    askMore: '¿Podría describir con unas palabras más qué ha ocurrido?',
    close: 'Si hay algo más que sea importante, responda simplemente a este correo.',
    delayed: 'Sentimos que haya tenido que esperar una respuesta sobre «%s».',
    reminder: 'Queríamos saber si nuestro último mensaje sobre «%s» le llegó y le ayudó.',
    reminderClose: 'Si todavía necesita algo, responda simplemente a este correo.',
    facts: {
      order: 'Pedido',
      invoice: 'Factura',
      amount: 'Importe',
      date: 'Fecha',
      error: 'Mensaje',
      quantity: 'Cantidad',
      attachment: 'Archivo adjunto',
    },
  },
  it: {
    greeting: 'Buongiorno,',
    thanksFor: 'grazie per il Suo messaggio su «%s».',
    sorry: 'Siamo davvero dispiaciuti per il disagio e comprendiamo la Sua rabbia.',
    regret: 'Ci dispiace che non sia andata come doveva.',
    factsIntro: 'Ecco che cosa abbiamo annotato:',
    checking: 'Stiamo verificando la questione e Le risponderemo con il risultato.',
    leadChecking:
      'La ringraziamo per l’interesse. Stiamo verificando che cosa risponde alle Sue esigenze e Le scriveremo con i dettagli.',
    person: 'Una persona del nostro gruppo sta esaminando il Suo messaggio.',
    askOrder: 'Per trovarlo subito, può indicarci il numero d’ordine o di fattura?',
    askQuantity: 'Per preparare qualcosa di adatto, per quante persone o pezzi Le serve?',
    askMore: 'Può descrivere con qualche parola in più che cosa è successo?',
    close: 'Se c’è altro di importante, risponda semplicemente a questa mail.',
    delayed: 'ci dispiace che abbia dovuto attendere una risposta su «%s».',
    reminder: 'vorremmo sapere se il nostro ultimo messaggio su «%s» Le è arrivato e Le è stato utile.',
    reminderClose: 'Se Le serve ancora qualcosa, risponda semplicemente a questa mail.',
    facts: {
      order: 'Ordine',
      invoice: 'Fattura',
      amount: 'Importo',
      date: 'Data',
      error: 'Messaggio',
      quantity: 'Quantità',
      attachment: 'Allegato',
    },
  },
  nl: {
    greeting: 'Goedendag,',
    thanksFor: 'bedankt voor uw bericht over "%s".',
    sorry: 'Het spijt ons zeer dat u hier last van heeft, en we begrijpen uw boosheid.',
    regret: 'Het spijt ons dat dit niet is gegaan zoals het hoort.',
    factsIntro: 'Dit hebben we genoteerd:',
    checking: 'We zoeken het nu uit en komen bij u terug met het resultaat.',
    leadChecking:
      'Fijn dat u interesse heeft. We zoeken uit wat bij uw wensen past en komen bij u terug met de details.',
    person: 'Een collega kijkt persoonlijk naar uw bericht.',
    askOrder: 'Kunt u ons uw bestel- of factuurnummer geven, zodat we het meteen kunnen vinden?',
    askQuantity: 'Voor hoeveel personen of stuks heeft u het nodig?',
    askMore: 'Kunt u in een paar woorden meer beschrijven wat er is gebeurd?',
    close: 'Als er nog iets belangrijk is, antwoord dan gewoon op deze mail.',
    delayed: 'het spijt ons dat u op een antwoord over "%s" moest wachten.',
    reminder: 'we willen graag weten of ons laatste bericht over "%s" is aangekomen en heeft geholpen.',
    reminderClose: 'Als u nog iets nodig heeft, antwoord dan gewoon op deze mail.',
    facts: {
      order: 'Bestelling',
      invoice: 'Factuur',
      amount: 'Bedrag',
      date: 'Datum',
      error: 'Melding',
      quantity: 'Aantal',
      attachment: 'Bijlage',
    },
  },
  pt: {
    greeting: 'Olá,',
    thanksFor: 'obrigado pela sua mensagem sobre «%s».',
    sorry: 'Lamentamos muito o transtorno causado e entendemos a sua irritação.',
    regret: 'Lamentamos que isto não tenha corrido como devia.',
    factsIntro: 'Isto é o que anotámos:',
    checking: 'Estamos a verificar o assunto e voltaremos a contactar com o resultado.',
    leadChecking:
      'Agradecemos o seu interesse. Estamos a verificar o que corresponde às suas necessidades e voltaremos a contactar com os detalhes.',
    person: 'Uma pessoa da nossa equipa está a ver a sua mensagem.',
    askOrder: 'Para encontrarmos logo o processo, pode indicar-nos o número da encomenda ou da fatura?',
    askQuantity: 'Para prepararmos algo adequado, para quantas pessoas ou unidades precisa?',
    askMore: 'Pode descrever em mais algumas palavras o que aconteceu?',
    close: 'Se houver mais alguma coisa importante, responda simplesmente a este e-mail.',
    delayed: 'lamentamos que tenha tido de esperar por uma resposta sobre «%s».',
    reminder: 'gostaríamos de saber se a nossa última mensagem sobre «%s» chegou e ajudou.',
    reminderClose: 'Se ainda precisar de alguma coisa, responda simplesmente a este e-mail.',
    facts: {
      order: 'Encomenda',
      invoice: 'Fatura',
      amount: 'Valor',
      date: 'Data',
      error: 'Mensagem',
      quantity: 'Quantidade',
      attachment: 'Anexo',
    },
  },
};
