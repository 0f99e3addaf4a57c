# ٹرمینل کا کارڈ۔ سطریں بائیں سے دائیں رہتی ہیں، جملے دائیں سے بائیں۔

card-system-ports = { $many ->
    [one] سسٹم پورٹ
   *[many] سسٹم پورٹس
}
card-user-ports = { $many ->
    [one] یوزر پورٹ
   *[many] یوزر پورٹس
}
card-dynamic-ports = { $many ->
    [one] ڈائنیمک پورٹ
   *[many] ڈائنیمک پورٹس
}
card-mixed-ports = کئی علاقوں کے پورٹس

card-territory = علاقہ
card-this-host = یہ مشین
card-elsewhere = دوسری جگہ
card-host = میزبان
card-service = سروس

card-territory-system = سسٹم پورٹس { $range }: IANA انہیں IETF کے ذریعے تفویض کرتا ہے (RFC 6335)
card-territory-user = یوزر پورٹس { $range }: IANA انہیں درخواست پر تفویض کرتا ہے (RFC 6335)
card-territory-dynamic = ڈائنیمک پورٹس { $range }: IANA یہاں کچھ تفویض نہیں کرتا (RFC 6335)
card-unread = اس کی ترتیبات پڑھی نہیں جا سکیں
card-outside = عارضی حد { $range } سے باہر
card-reserved = عارضی حد { $range } کے اندر، مگر محفوظ: کبھی ادھار نہیں دیا جاتا
card-inside = { $many ->
    [one] عارضی حد { $range } کے اندر: باہر جانے والا کوئی بھی کنکشن اسے لے سکتا ہے
   *[many] عارضی حد { $range } کے اندر: باہر جانے والا کوئی بھی کنکشن ان میں سے کوئی لے سکتا ہے
}
card-partly-reserved = عارضی حد { $range } کے اندر، کچھ محفوظ
card-partly-inside = { $all } میں سے { $inside } عارضی حد { $range } کے اندر
card-privileged = ؛ { $start } سے نیچے کے پورٹس بائنڈ کرنے کے لیے خصوصی اختیار چاہیے
card-elsewhere-on = ان پر ڈیفالٹ طور پر عارضی: { $systems }
card-other-host = { $host } کو نہیں دیکھا گیا: آگے جو ہے وہ اسی مشین کے بارے میں ہے
card-none-assigned = کوئی تفویض نہیں
card-unofficial = — غیر سرکاری، IANA کی نہیں
card-registry = { $count ->
    [one] رجسٹری میں ایک سطر: portolan registry { $span }
   *[other] رجسٹری میں { $count } سطریں: portolan registry { $span }
}

card-now = اس وقت
card-no-socket = کوئی ساکٹ نہیں
card-sockets = { $count ->
    [one] ایک ساکٹ
   *[other] { $count } ساکٹ
}
card-more-sockets = اور { $count } مزید: portolan ls --port { $target }
card-nobodys-socket = بغیر پروسیس کا ایک ساکٹ
card-listens = { $many ->
    [one] { $who } اس پر سن رہا ہے
   *[many] { $who } ان میں سے بعض پر سن رہا ہے
}
card-bound = { $who } نے اسے بائنڈ کیا ہوا ہے مگر سنتا نہیں
card-incoming = { $count ->
    [one] ایک کنکشن اس پر اندر آیا
   *[other] { $count } کنکشن اس پر اندر آئے
}
card-outgoing-one = { $who } کے باہر جانے والے ایک کنکشن کے پاس ہے
card-outgoing = { $who } کے { $count } کنکشن اس سے باہر گئے
card-connected = { $count ->
    [one] { $who } کے ایک کنکشن کے پاس ہے
   *[other] { $who } کے { $count } کنکشنوں کے پاس ہے
}
card-connected-nobody = { $count ->
    [one] بغیر پروسیس کے ایک کنکشن کے پاس ہے
   *[other] بغیر پروسیس کے { $count } کنکشنوں کے پاس ہے
}
card-lingers = { $count ->
    [one] ایک کنکشن بند ہو کر ابھی اس پر TIME-WAIT میں ہے
   *[other] { $count } کنکشن بند ہو کر ابھی اس پر TIME-WAIT میں ہیں
}
card-queued = { $count ->
    [one] اس سے آیا ایک کنکشن یہاں قبول ہونے کا منتظر ہے
   *[other] اس سے آئے { $count } کنکشن یہاں قبول ہونے کے منتظر ہیں
}
card-client-over = { $count ->
    [one] یہاں سے اس کی طرف ایک کنکشن بند ہو چکا، TIME-WAIT میں
   *[other] یہاں سے اس کی طرف { $count } کنکشن بند ہو چکے، TIME-WAIT میں
}
card-client = { $who } یہاں سے اس سے جڑا ہے
card-client-nobody = { $count ->
    [one] یہاں سے اس کی طرف ایک کنکشن کا کوئی پروسیس نہیں
   *[other] یہاں سے اس کی طرف { $count } کنکشنوں کا کوئی پروسیس نہیں
}
card-talks-over = { $count ->
    [one] کسی اور مشین کے { $ports } کی طرف ایک کنکشن بند ہو چکا، TIME-WAIT میں
   *[other] کسی اور مشین کے { $ports } کی طرف { $count } کنکشن بند ہو چکے، TIME-WAIT میں
}
card-talks = { $who } کسی اور مشین کے { $ports } سے بات کر رہا ہے
card-talks-nobody = { $count ->
    [one] کسی اور مشین کے { $ports } کی طرف ایک کنکشن کا کوئی پروسیس نہیں
   *[other] کسی اور مشین کے { $ports } کی طرف { $count } کنکشنوں کا کوئی پروسیس نہیں
}
card-hidden-process = ایک پروسیس جو آپ سے پوشیدہ ہے
card-hidden-by = ایک پروسیس جو آپ سے پوشیدہ ہے (اس کا ساکٹ { $user } نے بنایا)
card-and-hidden = { $who } اور ایک پروسیس جو آپ سے پوشیدہ ہے
card-with-others = { $count ->
    [one] { $who } اور ایک اور
   *[other] { $who } اور { $count } دوسرے
}
card-hidden = پوشیدہ
card-hidden-maybe = پوشیدہ، شاید { $who }
card-gone = جا چکا
card-kernel = کرنل
card-unaccepted = ابھی قبول نہیں ہوا
card-unaccepted-by = { $who } نے ابھی قبول نہیں کیا
card-not-seen = نظر نہیں آیا
card-since = { $since } سے
card-by = چلانے والا { $parents }

card-free = خالی
card-free-of = { $all } میں سے { $free } پر کوئی ساکٹ نہیں
card-first-free = ؛ پہلا { $port } ہے

card-bind = بائنڈ
card-yes = ہاں
card-no = نہیں
card-unknown = معلوم نہیں
card-for = { $proto } کے لیے
card-for-on = { $proto } کے لیے { $addresses } پر
card-not-tried = { $proto } کے لیے آزمایا نہیں گیا
card-from-table = ساکٹوں کی فہرست سے بتایا گیا؛ آزمایا نہیں گیا
card-reason-listening = { $kind ->
    [known] { $who } اس پر سن رہا ہے
   *[socket] ایک ساکٹ اس پر سن رہا ہے
}
card-reason-dual-stack = { $kind ->
    [known] { $who } نے :: پر دونوں خاندانوں کے ساکٹ سے اسے IPv4 کے لیے بھی لے رکھا ہے
   *[socket] :: پر دونوں خاندانوں کے ایک ساکٹ نے اسے IPv4 کے لیے بھی لے رکھا ہے
}
card-reason-bound-silent = { $kind ->
    [known] { $who } نے اسے سنے بغیر بائنڈ کیا ہوا ہے
   *[socket] ایک ساکٹ نے اسے سنے بغیر بائنڈ کیا ہوا ہے
}
card-reason-connected = { $kind ->
    [known] { $who } اس سے جڑا ہوا ہے
   *[socket] ایک کنکشن اسے استعمال کر رہا ہے
}
card-reason-time-wait = { $kind ->
    [known] { $who } کنکشن بند کر کے اسے TIME-WAIT میں چھوڑ گیا
   *[socket] ایک بند کنکشن نے اسے TIME-WAIT میں روک رکھا ہے
}
card-reason-udp-bound = { $kind ->
    [known] { $who } نے اسے بائنڈ کیا ہوا ہے
   *[socket] ایک UDP ساکٹ نے اسے بائنڈ کیا ہوا ہے
}
card-reason-privileged = { $start } سے نیچے کے پورٹس خصوصی اختیار والے ہیں
card-reason-address-absent = یہ پتہ اس مشین کا نہیں
card-reason-family-absent = پتوں کا یہ خاندان اس مشین پر نہیں
card-reason-unseen = کسی ایسی چیز نے لے رکھا ہے جو نظر نہیں آتی
card-reason-refused = کرنل نے انکار کیا: { $error }
card-remedy-reuseaddr = SO_REUSEADDR سے کام بن جاتا ہے
card-remedy-reuseaddr-perhaps = SO_REUSEADDR سے تبھی کام بنتا ہے جب لینے والے نے بھی لگایا ہو
card-remedy-v6only = IPV6_V6ONLY سے کام بن جاتا ہے
card-remedy-wait = SO_REUSEADDR سے کام نہیں بنے گا؛ کرنل اسے خود چھوڑ دے گا
card-remedy-release = SO_REUSEADDR سے کام نہیں بنے گا
card-remedy-privilege = CAP_NET_BIND_SERVICE یا چھوٹا net.ipv4.ip_unprivileged_port_start کام آئے گا
card-remedy-address = پتہ کسی چلتے ہوئے آلے کے پاس ہو، اور IPv6 بند نہ ہو

card-before = پہلے
card-unrecorded = درج نہیں: portolan record اب سے درج کرے گا
card-forbidden = درج ہے، مگر آپ کو پڑھنے کی اجازت نہیں، اور کوئی ریکارڈر نہیں چل رہا جس سے پوچھا جائے
card-late = معلوم کرنے میں زیادہ وقت لگتا ہے: portolan who { $target }
card-failed = اندراج پڑھے نہیں جا سکے: { $why }
card-since-recording = { $since } پر اندراج شروع ہونے کے بعد سے
card-last-day = پچھلے 24 گھنٹوں میں
card-nobody = { $span } کوئی نہیں
card-nobody-seen = { $span } کوئی نظر نہیں آیا
card-only-trials = { $span } کارڈوں کی اپنی آزمائشیں اتنی تھیں کہ باقی صرف `portolan who` کے پاس ہے
card-tenures = { $kind ->
    [more] { $span } { $count } سے زیادہ قبضے، تازہ ترین پہلے
   *[exact] { $count ->
        [one] { $span } ایک قبضہ
       *[other] { $span } { $count } قبضے، تازہ ترین پہلے
    }
}
card-more-tenures = { $kind ->
    [more] اور { $count } سے زیادہ مزید: portolan who { $target }
   *[exact] اور { $count } مزید: portolan who { $target }
}
card-more-gaps = نہ اس سے پہلے { $count } بار: portolan who { $target }
card-until-now = اب تک
card-refused = انکار
card-timed-out = وقت ختم
card-connect-failed = ناکام
card-listened = { $local } پر سنتا رہا
card-was-bound = { $local } پر بائنڈ رہا
card-gap-before = { $until } سے پہلے درج نہیں
card-gap-at = { $from } پر درج نہیں
card-gap-from-to = { $from } سے { $until } تک درج نہیں
card-gap-since = { $from } کے بعد سے درج نہیں
card-gap-unbegun = اندراج شروع نہیں ہوا تھا
card-gap-not-running = کوئی ریکارڈر نہیں چل رہا تھا
card-gap-events-lost = واقعات سنبھالنے سے زیادہ تیز آئے
card-gap-disk = ڈسک بھری تھی یا اس پر لکھا نہ جا سکا
card-gap-journal = جرنل کا آخری حصہ خراب تھا، کاٹ دیا گیا
card-gap-segment = اندراج کی ایک فائل غائب ہے یا پڑھی نہیں جا سکتی
card-gap-sampled = جو دو نظروں کے بیچ آیا اور گیا وہ شاید درج نہ ہو
card-sampled-before = { $until } سے پہلے صرف نمونہ وار درج
card-sampled-at = { $from } پر صرف نمونہ وار درج
card-sampled-from-to = { $from } سے { $until } تک صرف نمونہ وار درج
card-sampled-since = { $from } کے بعد سے صرف نمونہ وار درج
card-gap-lost = { $count ->
    [one] ، ایک واقعہ کھو گیا
   *[other] ، { $count } واقعات کھو گئے
}

card-note = نوٹ
card-note-proc-net = /proc/net سے پڑھا گیا، کیونکہ sock_diag ناکام رہا ({ $why }): بائنڈ مگر خاموش ساکٹ، cgroup اور v6only معلوم نہیں
card-note-bound-unlisted = یہ کرنل ان TCP ساکٹوں کو نہیں گنواتا جو بائنڈ ہیں مگر سنتے نہیں (لینکس 6.8 سے گنواتا ہے)
card-note-unreadable = { $count ->
    [one] ایک پروسیس کے اندر نہیں دیکھا جا سکا؛ زیادہ اختیار سے شاید دیکھا جائے
   *[other] { $count } پروسیسوں کے اندر نہیں دیکھا جا سکا؛ زیادہ اختیار سے شاید دیکھا جائے
}
card-note-invisible = ایسے پروسیس ہو سکتے ہیں جو /proc میں نظر نہیں آتے: { $why }
card-note-narrowed = { $count ->
    [one] ایک پروسیس جس کے پاس ہونے کا امکان کم ہے نہیں دیکھا گیا: --full-walk سب دیکھتا ہے
   *[other] { $count } پروسیس جن کے پاس ہونے کا امکان کم ہے نہیں دیکھے گئے: --full-walk سب دیکھتا ہے
}
card-note-netns-unreadable = نیٹ ورک نیم سپیس { $netns } میں داخل نہیں ہوا جا سکا: { $why }
card-note-netns-hidden = { $count ->
    [one] ایک پروسیس کا نیٹ ورک نیم سپیس معلوم نہیں؛ زیادہ اختیار سے شاید معلوم ہو
   *[other] { $count } پروسیسوں کا نیٹ ورک نیم سپیس معلوم نہیں؛ زیادہ اختیار سے شاید معلوم ہو
}
card-note-interrupted = پڑھنے کے دوران ساکٹوں کی فہرست بدل گئی: کوئی سطر کم یا دو بار ہو سکتی ہے
card-note-recalled = ساکٹ وہ ہیں جنہیں ریکارڈر جانتا ہے، جیسے کرنل کے پاس اب ہیں؛ ادھورے ہینڈ شیک (SYN-RECV) ان میں نہیں
card-note-owners-recalled = مالک وہ ہیں جنہیں ریکارڈر نے ساکٹ کھولتے یا لیتے دیکھا اور جو اب بھی چل رہے ہیں: --full-walk دیکھتا ہے کہ اور کس کے پاس ہیں
