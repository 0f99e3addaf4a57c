# پورٹ کے صفحے کے براہِ راست حصے۔

now-heading = اس وقت
now-none = کسی ساکٹ کے پاس نہیں۔
now-count = { $count ->
    [one] ایک ساکٹ۔
   *[other] { $count } ساکٹ۔
}
now-more = { $count ->
    [one] ایک اور نہیں دکھایا گیا۔
   *[other] { $count } اور نہیں دکھائے گئے۔
}
role-listens = سن رہا ہے
role-bound = بائنڈ کیے ہوئے
role-incoming = اندر آیا
role-outgoing = باہر گیا
role-connected = جڑا ہوا
role-lingers = بند، ابھی باقی
role-client = یہاں سے جڑا
role-talks = کہیں اور اس سے بات
who-hidden = آپ سے پوشیدہ
who-maybe = شاید { $name }
who-gone = جا چکا
who-kernel = کرنل
who-unaccepted = ابھی قبول نہیں ہوا
who-unseen = نظر نہیں آیا
process-since = { $time } سے
process-by = چلانے والا

bind-heading = کیا میں اسے بائنڈ کر سکتا ہوں؟
answer-yes = ہاں
answer-no = نہیں
answer-unknown = شاید
bind-answer = { $everywhere ->
    [yes] { $proto } کے لیے
   *[no] { $proto } کے لیے { $addresses } پر
}
bind-holder = { $others ->
    [0] { $name }
    [one] { $name } اور ایک اور
   *[other] { $name } اور { $others } دوسرے
}
bind-holder-hidden = ایک پروسیس جو آپ سے پوشیدہ ہے
bind-holder-nobody = بغیر پروسیس کا ایک ساکٹ
bind-reason-listening = { $who } اس پر سن رہا ہے
bind-reason-dual-stack = { $who } نے `::` پر دونوں خاندانوں کے ساکٹ سے اسے IPv4 کے لیے بھی لے رکھا ہے
bind-reason-bound-silent = { $who } نے اسے سنے بغیر بائنڈ کیا ہوا ہے
bind-reason-connected = { $who } اس سے جڑا ہوا ہے
bind-reason-time-wait = { $who } کنکشن بند کر کے اسے TIME-WAIT میں چھوڑ گیا
bind-reason-udp-bound = { $who } نے اسے بائنڈ کیا ہوا ہے
bind-reason-privileged = اتنے نیچے کے پورٹس کے لیے خصوصی اختیار چاہیے
bind-reason-address-absent = یہ پتہ اس مشین کا نہیں
bind-reason-family-absent = پتوں کا یہ خاندان اس مشین پر نہیں
bind-reason-unseen = کسی ایسی چیز نے لے رکھا ہے جو نظر نہیں آتی
bind-reason-refused = کرنل نے انکار کیا
bind-remedy-reuseaddr = `SO_REUSEADDR` سے کام بن جاتا ہے
bind-remedy-reuseaddr-perhaps = `SO_REUSEADDR` سے تبھی کام بنتا ہے جب لینے والے نے بھی لگایا ہو
bind-remedy-v6only = `IPV6_V6ONLY` سے کام بن جاتا ہے
bind-remedy-wait = `SO_REUSEADDR` سے کام نہیں بنے گا؛ کرنل اسے خود چھوڑ دے گا
bind-remedy-release = `SO_REUSEADDR` سے کام نہیں بنے گا
bind-remedy-privilege = `CAP_NET_BIND_SERVICE` یا چھوٹا `net.ipv4.ip_unprivileged_port_start` کام آئے گا
bind-remedy-address = پتہ کسی چلتے ہوئے آلے کے پاس ہو، اور IPv6 بند نہ ہو
bind-told = یہ اس پروسیس کے لیے، جو یہ صفحہ دکھاتا ہے، ساکٹوں کی فہرست سے بتایا گیا؛ جاننے کے لیے کچھ بائنڈ نہیں کیا گیا۔ `portolan PORT` واقعی آزماتا ہے۔

before-heading = اس سے پہلے
before-unrecorded = درج نہیں: `portolan record` اب سے درج کرے گا۔
before-forbidden = درج ہے، مگر اس سروس کو پڑھنے کی اجازت نہیں، اور کوئی ریکارڈر نہیں چل رہا جس سے پوچھا جائے۔
before-late = معلوم کرنے میں زیادہ وقت لگتا ہے۔
before-load = دکھائیں کہ پہلے کس کے پاس تھا
before-spans = وقت
span-hour = گھنٹہ
span-day = دن
span-week = ہفتہ
span-month = مہینہ
zoom-earlier = پہلے
zoom-in = قریب
zoom-out = دور
zoom-later = بعد
before-count = { $count ->
    [0] اس عرصے میں کسی کے پاس نہیں تھا۔
    [one] اس عرصے میں ایک ساکٹ کے پاس تھا۔
   *[other] اس عرصے میں { $count } ساکٹوں کے پاس تھا۔
}
before-unknown = معلوم نہیں: یہ عرصہ درج نہیں ہوا، یا پورا درج نہیں ہوا۔
before-more = یہ تازہ ترین ہیں؛ اور بھی تھے۔
was-bound = بائنڈ رہا
was-listening = سنتا رہا
was-outgoing = باہر گیا
was-incoming = اندر آیا
ended-closed = بند ہوا
ended-time-wait = بند ہوا، TIME-WAIT
ended-fin-wait = بند ہوا، FIN-WAIT-2
ended-fin-wait-briefly = بند ہوا، FIN-WAIT-2
ended-aborted = ہم نے ری سیٹ کیا
ended-reset = دوسرے سرے نے ری سیٹ کیا
ended-refused = انکار ہوا
ended-timed-out = وقت ختم ہوا
ended-failed = ناکام ہوا
ended-unseen = انجام نظر نہیں آیا
ended-not = ابھی کھلا ہے
gap-before = { $time } سے پہلے کا درج نہیں۔
gap-not-running = درج نہیں:
gap-events-lost = واقعات کھو گئے:
gap-disk-full = ڈسک بھری تھی:
gap-journal-cut = جرنل کاٹا گیا:
gap-segment-lost = اندراج غائب ہیں یا پڑھے نہیں جا سکتے:
gap-sampled = صرف نمونہ وار:
gap-lasts = اب تک
