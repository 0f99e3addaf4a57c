# کنکشنوں کے لیے کتنی گنجائش باقی ہے، اور ان پر اور کیا حد لگاتا ہے۔

room-title = کنکشنوں کی گنجائش
room-about = ہر منزل کی طرف کتنے پورٹ زیرِ استعمال ہیں، ان میں سے جو وہاں کے کسی کنکشن کو مل سکتے ہیں۔ جو سب سے پہلے تکلیف دے گا وہ سب سے اوپر ہے۔
room-open = { $all } میں سے { $open } پورٹ کنکشنوں کو مل سکتے ہیں؛ عارضی حد { $range } ہے۔
room-reserved = { $count ->
    [one] ایک محفوظ ہے۔
   *[other] { $count } محفوظ ہیں۔
}
room-closed = { $count ->
    [one] ایک اس لیے نہیں ملتا کہ اس پر کوئی ساکٹ بائنڈ ہے یا سن رہا ہے۔
   *[other] { $count } اس لیے نہیں ملتے کہ ان پر ساکٹ بائنڈ ہیں یا سن رہے ہیں۔
}
room-udp = { $count ->
    [0] UDP کے پاس کوئی نہیں۔
    [one] UDP کے پاس ایک ہے۔
   *[other] UDP کے پاس { $count } ہیں۔
}
room-none = عارضی حد کے کسی پورٹ سے کوئی کنکشن باہر نہیں جا رہا۔
room-more = { $count ->
    [one] ایک اور منزل نہیں دکھائی گئی۔
   *[other] { $count } اور منزلیں نہیں دکھائی گئیں۔
}
column-fill = کتنا بھرا
column-taken = زیرِ استعمال
column-waiting = TIME-WAIT میں
column-rate = نئے فی سیکنڈ
column-full-in = کتنی دیر میں بھرے گا
column-source = کہاں سے
column-destination = منزل
column-held-by = کس کے پاس
column-last-hour = پچھلا ایک گھنٹہ
room-of = { $of } میں سے { $taken }
room-full = ابھی
room-later = ایک دن سے زیادہ
room-never = کبھی نہیں
room-near = کگار کے قریب
room-past = کگار کے پار
room-cliff = کگار کے پار: `connect()` ہر دو پورٹس میں سے ایک کو پہلے آزماتا ہے، اور ان میں سے اب کوئی نہیں بچا، سو ہر کنکٹ آدھی حد بے کار آزماتا ہے۔ اس کی قیمت `portolan room --probe` ناپتا ہے، اور `portolan pilot` اسے ختم کرتا ہے۔
room-unserved = { $count ->
    [one] ریکارڈ کے مطابق { $source } سے { $remote } تک ایک کنکٹ کو کوئی پورٹ نہیں ملا۔
   *[other] ریکارڈ کے مطابق { $source } سے { $remote } تک { $count } کنکٹ کو کوئی پورٹ نہیں ملا۔
}
room-hour = { $least } سے { $most } پورٹ تک
room-unrecorded = درج نہیں
room-rates-log = رفتاریں پچھلے چند منٹوں کی ہیں، جیسے درج ہوئیں۔
room-rates-looks = رفتاریں دو بار دیکھ کر بتائی گئیں، اور اس سے جو TIME-WAIT میں ہے؛ ریکارڈر کو بہتر معلوم ہوتا۔
room-rates-none = معلوم نہیں کہ کنکشن کتنی تیزی سے بن رہے ہیں۔
holder-time-wait = کسی کے پاس نہیں: TIME-WAIT
holder-kernel = کرنل
holder-hidden = آپ سے پوشیدہ

limits-heading = کنکشنوں پر اور کیا حد لگاتا ہے
column-used = زیرِ استعمال
column-what = کیا
column-whose = کس کا
column-set-by = کس نے مقرر کیا
limit-time-wait-buckets = TIME-WAIT میں ساکٹ
limit-conntrack = ٹریک ہونے والے کنکشن
limit-listen-queue = سننے والے کی قطار
limit-nat-pool = NAT کے پورٹ
limit-system-files = کھلی فائلیں، سب کی
limit-process-files = ایک پروسیس کی کھلی فائلیں
limits-unlimited = کوئی حد نہیں
limits-overflows = { $count ->
    [one] اس مشین کے چلنے کے بعد سے ایک کنکشن نے سننے والے کی قطار بھری ہوئی پائی۔
   *[other] اس مشین کے چلنے کے بعد سے { $count } کنکشنوں نے سننے والے کی قطار بھری ہوئی پائی۔
}
limits-skipped = { $count ->
    [one] گنجائش نہ ہونے سے ایک کنکشن TIME-WAIT کے بغیر ختم ہوا۔
   *[other] گنجائش نہ ہونے سے { $count } کنکشن TIME-WAIT کے بغیر ختم ہوئے۔
}
limits-untracked = ٹریک ہونے والے کنکشنوں کا کوئی جدول موجود نہیں، یا نظر نہیں آتا۔
