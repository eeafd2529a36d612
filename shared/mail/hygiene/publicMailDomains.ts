/**
 * Domains at which anybody can have a mailbox: an address of ours there makes nobody else there one of us. Put together for this project
 * from the domains that the providers themselves offer (Google, Microsoft, Yahoo, Apple, Proton, GMX and WEB.DE, Mail.ru, Yandex, Tencent,
 * NetEase, Naver and the large access providers of each country), and compared with the list free-email-domains 1.12.6, which names most
 * of them. It names no throw-away services: no team has its mailbox there.
 */
const publicMailDomains: ReadonlySet<string> = new Set(
  `
  126.com 139.com 163.com 189.cn 21cn.com a1.net abv.bg aim.com alice.it aliceadsl.fr aliyun.com aol.com
  aol.de aol.fr aon.at arcor.de att.net azet.sk bbox.fr bell.net bellsouth.net bezeqint.net bigpond.com bk.ru
  blu.it bluemail.ch bluewin.ch blueyonder.co.uk bol.com.br btinternet.com cegetel.net centrum.cz charter.net
  chello.at chello.nl citromail.hu clix.pt club-internet.fr comcast.net cox.net daum.net docomo.ne.jp duck.com
  earthlink.net eircom.net email.cz email.de email.it ezweb.ne.jp fastmail.com fastmail.fm fastwebnet.it
  foxmail.com free.fr freemail.hu freenet.de globomail.com gmail.com gmx.at gmx.ch gmx.co.uk gmx.com gmx.de
  gmx.es gmx.fr gmx.info gmx.net gmx.org gmx.us googlemail.com hanmail.net hetnet.nl hey.com hispeed.ch
  home.nl hotmail.be hotmail.ca hotmail.ch hotmail.co.jp hotmail.co.uk hotmail.com hotmail.com.ar
  hotmail.com.br hotmail.com.tr hotmail.de hotmail.dk hotmail.es hotmail.fr hotmail.it hotmail.nl hotmail.no
  hotmail.se hushmail.com i.ua icloud.com ig.com.br inbox.lv inbox.ru interia.pl internode.on.net inwind.it
  iol.ie iol.it juno.com kabelmail.de kakao.com kolumbus.fi kpnmail.nl laposte.net libero.it list.ru live.at
  live.be live.ca live.cl live.cn live.co.uk live.com live.com.ar live.com.au live.com.mx live.com.pt
  live.com.sg live.de live.dk live.fi live.fr live.ie live.it live.jp live.nl live.no live.se mac.com mail.bg
  mail.com mail.de mail.dk mail.ee mail.pt mail.ru mailbox.org mailfence.com me.com meta.ua msn.com mynet.com
  nate.com naver.com netcabo.pt neuf.fr nifty.com noos.fr ntlworld.com numericable.fr o2.pl onet.pl online.de
  online.no ono.com op.pl optonline.net optusnet.com.au orange.fr outlook.at outlook.be outlook.cl
  outlook.co.id outlook.com outlook.com.ar outlook.com.au outlook.com.br outlook.com.tr outlook.cz outlook.de
  outlook.dk outlook.es outlook.fr outlook.hu outlook.ie outlook.it outlook.jp outlook.kr outlook.pt
  outlook.sa planet.nl pm.me post.cz post.sk posteo.de posteo.net proton.me protonmail.ch protonmail.com
  qq.com r7.com rambler.ru rediffmail.com roadrunner.com rocketmail.com rogers.com sapo.pt sbcglobal.net
  seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com skynet.be softbank.ne.jp sohu.com sunrise.ch supereva.it
  sympatico.ca t-online.de talktalk.net tele2.nl telefonica.net telenet.be teletu.it telia.com telus.net
  terra.com.br terra.es tin.it tiscali.co.uk tiscali.it tlen.pl tom.com tuta.com tuta.io tutamail.com
  tutanota.com tutanota.de ukr.net unitybox.de uol.com.br upcmail.nl verizon.net videotron.ca virgilio.it
  virgin.net virginmedia.com vivaldi.net vodafone.de voila.fr vp.pl walla.co.il walla.com wanadoo.fr web.de
  windowslive.com windstream.net wp.pl xs4all.nl xtra.co.nz ya.com ya.ru yahoo.at yahoo.be yahoo.ca yahoo.cn
  yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.co.za yahoo.com
  yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.cn yahoo.com.hk yahoo.com.mx yahoo.com.my yahoo.com.ph
  yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.cz yahoo.de yahoo.dk yahoo.es yahoo.fi yahoo.fr
  yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.ru yahoo.se
  yandex.by yandex.com yandex.com.tr yandex.kz yandex.ru yandex.ua yeah.net ymail.com ziggo.nl zoho.com
  zohomail.com zohomail.eu zonnet.nl zoznam.sk
  `
    .trim()
    .split(/\s+/),
);

/** Whether anybody can have a mailbox at that domain. */
export function isPublicMailDomain(domain: string): boolean {
  return publicMailDomains.has(domain);
}
