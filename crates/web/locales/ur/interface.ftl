# وہ سب جو ہر صفحے پر ہے۔

skip-to-content = سیدھا متن پر جائیں
nav-label = صفحات
nav-chart = نقشہ
nav-list = ساکٹس
nav-watch = براہِ راست
nav-room = گنجائش
nav-doctor = تشخیص
nav-leases = لیز
search-label = پورٹ، سروس یا کوئی لفظ تلاش کریں
search-button = تلاش
theme-label = دن یا رات
footer-about = یہ صفحہ یہی مشین خود دکھا رہی ہے: کہیں اور سے کچھ نہیں لیا جاتا، اور کسی کو خبر نہیں ہوتی کہ آپ نے اسے پڑھا۔

chart-title = تمام پورٹس کا نقشہ

port-heading = پورٹ { $port }
breadcrumb-label = آپ یہاں ہیں
breadcrumb-ports = پورٹس

column-proto = پروٹوکول
column-state = حالت
column-local = مقامی سرا
column-remote = دور کا سرا
column-owner = مالک پروسیس
column-user = صارف
column-place = کہاں

languages-label = زبانیں

column-role = کردار
column-from = کب سے
column-lasted = کتنی دیر
column-ended = انجام
column-time = وقت
column-event = واقعہ
column-ends = دونوں سرے
column-outcome = نتیجہ
column-page = صفحہ
column-languages = زبانیں
column-last = آخری بار

list-title = ساکٹس
list-count = { $count ->
    [0] ایسا کوئی ساکٹ نہیں۔
    [one] ایک ساکٹ۔
   *[other] { $count } ساکٹ۔
}
list-more = { $count ->
    [one] ایک اور نہیں دکھایا گیا: دیکھنے کے لیے چھانٹیں۔
   *[other] { $count } اور نہیں دکھائے گئے: دیکھنے کے لیے چھانٹیں۔
}
list-hidden = بعض کے مالک آپ نہیں دیکھ سکتے، اور ہو سکتا ہے کہ وہ بھی آپ کی مراد ہوں۔
filter-port = پورٹ
filter-process = پروسیس
filter-user = صارف
filter-unit = یونٹ
filter-container = کنٹینر
filter-state = حالت
filter-proto = پروٹوکول
filter-sort = ترتیب
filter-listening = صرف وہ جو دوسروں کے منتظر ہیں
filter-button = دکھائیں
sort-port = پورٹ
sort-local = مقامی سرا
sort-remote = دور کا سرا
sort-state = حالت
sort-pid = پروسیس کا نمبر
sort-process = پروسیس
sort-user = صارف
sort-recv-q = پڑھے جانے کا منتظر
sort-send-q = بھیجے جانے کا منتظر

watch-title = کیا ہو رہا ہے
watch-about = بائنڈ، کنکٹ، قبول اور بند، جیسے جیسے ہوتے ہیں۔ سکرپٹ بند ہوں تو مزید دیکھنے کے لیے صفحہ دوبارہ لوڈ کریں۔
watch-live = نظر رکھی جا رہی ہے۔
watch-lost = یہ اس لمحے کا حال نہیں: جو ہو رہا ہے اس پر ابھی نظر نہیں رکھی جا سکتی۔ چند سیکنڈ میں پھر کوشش ہوگی۔
watch-again = دوبارہ نظر رکھی جا رہی ہے۔ اس دوران کچھ رہ گیا ہو سکتا ہے۔
watch-missed = کچھ واقعات رہ گئے: ایک ساتھ بہت زیادہ تھے۔
verb-listen = سننا
verb-connect = کنکٹ
verb-incoming = اندر آنا
verb-bind = بائنڈ
verb-accept = قبول
verb-take = لے لینا
verb-close = بند
verb-fail = ناکامی

search-title = تلاش
search-hint = کوئی نمبر، سروس کا نام یا الفاظ، جیسے `60440`، `ssh`، `message queue`۔
search-for = ”{ $asked }“ کے نتائج
search-nothing = رجسٹری میں ایسا کچھ نہیں۔
search-more = { $count ->
    [one] ایک اور نہیں دکھایا گیا۔
   *[other] { $count } اور نہیں دکھائے گئے۔
}
unofficial = غیر سرکاری

feedback-question = کیا یہ صفحہ کارآمد تھا؟
face-sad = نہیں
face-doubtful = یقین سے نہیں کہہ سکتے
face-glad = ہاں
feedback-thanks = شکریہ۔ آپ جب چاہیں اسے بدل سکتے ہیں۔
feedback-failed = یہ محفوظ نہیں ہو سکا۔ ایک منٹ بعد دوبارہ کوشش کریں۔
feedback-title = پڑھنے والوں نے کیا کہا
feedback-none = ابھی کسی نے کچھ نہیں کہا۔
feedback-order = سب سے کم کارآمد صفحے پہلے آتے ہیں۔

sign-in-title = سائن اِن
sign-in-why = کہیں اور سے اس مشین کو صرف وہی دیکھ سکتے ہیں جن کے پاس اس کا ٹوکن ہو۔
sign-in-token = ٹوکن
sign-in-button = سائن اِن
sign-in-wrong = یہ ٹوکن درست نہیں۔
