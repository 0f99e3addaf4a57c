# تشخیص نے اس مشین پر کیا دیکھا: بات کس کی ہے، اور یہ کیسے معلوم ہوا۔

subject-destination = { $proto }، { $source } سے { $remote } تک
subject-to = { $what }، { $remote } کی طرف
subject-served = { $what }، { $who }
subject-block = { $name } { $block }
subject-range-begins = عارضی حد { $port } سے شروع ہوتی ہے
subject-ports = { $count ->
    [one] ایک پورٹ
   *[other] { $count } پورٹ
}
subject-one-parity = صرف جفت، یا صرف طاق
subject-port = پورٹ { $port }
subject-no-recorder = کوئی ریکارڈر جواب نہیں دیتا
subject-recorder-silent = ریکارڈر جواب نہیں دیتا
subject-events = { $count ->
    [one] ایک واقعہ
   *[other] { $count } واقعات
}
subject-since-boot = اس مشین کے چلنے کے بعد سے
subject-share = { $share } فیصد
subject-system = پورا سسٹم
subject-as-client = { $count } بطور کلائنٹ
subject-as-server = { $count } بطور سرور
subject-used = { $of } میں سے { $used }

block-libvirt = libvirt کی مائیگریشنز
block-gluster = GlusterFS کے brick
block-nomad = Nomad کے ٹاسک
block-samba = FreeIPA اور Samba کا RPC

party-hidden = آپ سے پوشیدہ ایک پروسیس
party-hidden-of = { $user } کا ایک پروسیس، جو آپ سے پوشیدہ ہے
party-kernel = کرنل
party-gone = اب کوئی نہیں
party-time-wait = جو کنکشن TIME-WAIT میں ہیں
party-placed = { $who } { $place }
party-times = { $who } ×{ $count }
remark-more = { $count ->
    [one] ایک اور
   *[other] { $count } مزید
}

time-pair = { $large } { $small }
time-days = { $count } دن
time-hours = { $count } گھنٹے
time-minutes = { $count } منٹ
time-seconds = { $count } سیکنڈ

evidence-taken = { $of } میں سے { $count } پورٹ زیرِ استعمال ہیں، یعنی { $share } فیصد؛ ان میں سے { $waiting } TIME-WAIT میں ہیں
evidence-held-by = یہ ان کے پاس ہیں: { $holders }
evidence-first-half = `connect()` جو { $of } پورٹ پہلے آزماتا ہے ان میں سے { $count } زیرِ استعمال ہیں
evidence-no-port = کوئی پورٹ باقی نہیں
evidence-fills = فی سیکنڈ { $rate } نئے کنکشن باقی پورٹس کو { $time } میں بھر دیں گے
evidence-fills-in = { $time } میں
evidence-failed = { $count ->
    [one] ریکارڈر کے مطابق ایک کنکٹ کو کوئی پورٹ نہیں ملا؛ یہ { $time } پہلے ہوا
   *[other] ریکارڈر کے مطابق { $count } کنکٹ کو کوئی پورٹ نہیں ملا؛ آخری بار { $time } پہلے
}
evidence-udp = { $of } میں سے { $count } پورٹس پر UDP ساکٹ ہے

evidence-binds-late = { $source } سے { $remote } تک اس کے { $count } کنکشنوں میں سے { $late } کے پورٹ { $parity ->
    [odd] طاق
   *[even] جفت
} ہیں، جنہیں `connect()` سب سے آخر میں لیتا ہے اور `bind()` سب سے پہلے
evidence-usual-source = روٹس کے مطابق ان کا بھیجنے کا پتہ { $usual } ہوتا
evidence-bound-silent = { $count ->
    [one] ایک ساکٹ: { $ends }
   *[other] { $count } ساکٹ: { $ends }
}

evidence-held-for = یہ { $time } سے { $holder } کے پاس ہے
evidence-tenant-ended = پروسیس { $pid }، جس کے لیے یہ لیا گیا تھا، ختم ہو چکا ہے
evidence-nobody-listens = وہاں کوئی نہیں سن رہا

evidence-listens = { $places } پر { $who } سن رہا ہے، عارضی حد { $range } کے اندر
evidence-assigned = { $port } سروس { $name } کو تفویض ہے
evidence-unofficial = { $port } کو رواجاً { $name } کا پورٹ سمجھا جاتا ہے
evidence-overlaps = { $program } چل رہا ہے، اور عارضی حد { $range } میں { $block } کے پورٹس بھی آتے ہیں
evidence-range = { $setting } کی قدر { $range } ہے
evidence-few = { $count ->
    [one] محفوظ پورٹس چھوڑ کر { $range } میں ایک پورٹ ہے
   *[other] محفوظ پورٹس چھوڑ کر { $range } میں { $count } پورٹ ہیں
}
evidence-reserved-row = لگاتار { $count } محفوظ پورٹ: { $block }؛ جو کنکٹ ان تک پہنچے اسے { $behind } یا اس کے بعد کا کوئی پورٹ ملتا ہے
evidence-one-parity = جو { $of } پورٹ دیے جا سکتے ہیں ان میں سے { $count } اُس قسم (جفت یا طاق) کے ہیں جسے `connect()` پہلے آزماتا ہے

evidence-events-lost = { $count ->
    [one] ریکارڈر (پروسیس { $pid }) سے اس کے چلنے کے بعد سے ایک واقعہ کھو گیا
   *[other] ریکارڈر (پروسیس { $pid }) سے اس کے چلنے کے بعد سے { $count } واقعات کھو گئے
}
evidence-disk-delayed = جو کچھ ہوتا ہے وہ میموری میں رکا ہوا ہے: { $why }
evidence-disk-stopped = کچھ درج نہیں ہو رہا: { $why }

evidence-loopback = { $count ->
    [one] اس کا واحد کنکشن لوپ بیک سے آیا ہے
   *[other] اس کے تمام { $count } کنکشن لوپ بیک سے آئے ہیں
}
evidence-shared = { $end } پر یہ سب ایک ساتھ سن رہے ہیں: { $programs }
evidence-no-process = { $count ->
    [0] کسی پروسیس کے پاس اس کا ڈسکرپٹر نہیں؛ کوئی کنکشن قبول ہونے کا منتظر نہیں
    [one] کسی پروسیس کے پاس اس کا ڈسکرپٹر نہیں؛ ایک کنکشن قبول ہونے کا منتظر ہے
   *[other] کسی پروسیس کے پاس اس کا ڈسکرپٹر نہیں؛ { $count } کنکشن قبول ہونے کے منتظر ہیں
}
evidence-opener-ended = اسے { $opener } نے کھولا تھا، جو ختم ہو چکا ہے
evidence-queue-full = { $count ->
    [one] ایک کنکشن قبول ہونے کا منتظر ہے، جبکہ backlog کی حد { $backlog } ہے؛ سننے والا: { $who }
   *[other] { $count } کنکشن قبول ہونے کے منتظر ہیں، جبکہ backlog کی حد { $backlog } ہے؛ سننے والا: { $who }
}
evidence-overflows = { $count ->
    [one] ایک کنکشن نے قطار بھری ہوئی پائی؛ ابھی ابھی: { $now }
   *[other] { $count } کنکشنوں نے قطار بھری ہوئی پائی؛ ان میں سے { $now } نے ابھی ابھی
}
evidence-somaxconn = { $setting } زیادہ سے زیادہ { $most } کی اجازت دیتا ہے

evidence-conntrack = { $count ->
    [one] جدول میں ایک سطر ہے؛ حد: { $setting }
   *[other] جدول میں { $count } سطریں ہیں؛ حد: { $setting }
}
evidence-conntrack-waiting = { $count ->
    [one] ان میں سے ایک `TIME_WAIT` میں ہے، جو یہاں { $seconds } سیکنڈ رہتی ہے
   *[other] ان میں سے { $count } `TIME_WAIT` میں ہیں، جو یہاں { $seconds } سیکنڈ رہتی ہیں
}
evidence-nat-pool = { $of } میں سے { $count } { $proto } پورٹ زیرِ استعمال ہیں
evidence-system-files = { $count } فائلیں کھلی ہیں؛ حد: { $setting }
evidence-process-files = { $count } ڈسکرپٹر کھلے ہیں؛ حد: { $of }

evidence-close-wait = { $count ->
    [one] ایک کنکشن CLOSE-WAIT میں ہے، { $local } سے { $remote } تک
   *[other] { $count } کنکشن CLOSE-WAIT میں ہیں، پہلا { $local } سے { $remote } تک
}
evidence-went-out = { $count ->
    [one] یہاں سے باہر جانے والا ایک کنکشن TIME-WAIT میں ہے: ہمارے پروگرام پہلے بند کرتے ہیں، سو یہ ایک عارضی پورٹ روکے رکھتا ہے
   *[other] یہاں سے باہر جانے والے { $count } کنکشن TIME-WAIT میں ہیں: ہمارے پروگرام پہلے بند کرتے ہیں، سو ہر کنکشن ایک عارضی پورٹ روکے رکھتا ہے
}
evidence-came-in = { $count ->
    [one] اندر آنے والا ایک کنکشن TIME-WAIT میں ہے: ہمارے سرور پہلے بند کرتے ہیں؛ اس میں ہمارا کوئی عارضی پورٹ نہیں رکتا
   *[other] اندر آنے والے { $count } کنکشن TIME-WAIT میں ہیں: ہمارے سرور پہلے بند کرتے ہیں؛ اس میں ہمارا کوئی عارضی پورٹ نہیں رکتا
}
evidence-clients-wait = { $count ->
    [0] کلائنٹس کا کوئی کنکشن TIME-WAIT میں نہیں
    [one] کلائنٹس کا ایک کنکشن TIME-WAIT میں ہے
   *[other] کلائنٹس کے { $count } کنکشن TIME-WAIT میں ہیں
}
evidence-buckets = { $count ->
    [one] ایک ساکٹ TIME-WAIT میں ہے؛ حد: { $setting }
   *[other] { $count } ساکٹ TIME-WAIT میں ہیں؛ حد: { $setting }
}
evidence-skipped = { $count ->
    [one] اس مشین کے چلنے کے بعد سے ایک کنکشن TIME-WAIT کے بغیر ختم ہوا
   *[other] اس مشین کے چلنے کے بعد سے { $count } کنکشن TIME-WAIT کے بغیر ختم ہوئے
}
